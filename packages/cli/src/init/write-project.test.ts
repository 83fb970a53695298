import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { projectFiles } from "./template.ts";
import { writeProject } from "./write-project.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-init-"));
});
afterEach(() => rm(folder, { recursive: true }));

const files = [
  { path: "job.ts", text: "a job\n" },
  { path: "texts/one.txt", text: "one\n" },
];
const listed = async () => ((await readdir(folder, { recursive: true })) as string[]).sort();

it("writes all files, into a folder that is new or has others", async () => {
  await writeProject(join(folder, "deep/new"), files);
  expect(await readFile(join(folder, "deep/new/texts/one.txt"), "utf8")).toBe("one\n");
  await writeFile(join(folder, "mine.txt"), "");
  await writeProject(folder, files);
  expect(await readFile(join(folder, "job.ts"), "utf8")).toBe("a job\n");
});

it("overwrites nothing, and names all that is there", async () => {
  await mkdir(join(folder, "texts"));
  await writeFile(join(folder, "texts/one.txt"), "mine");
  await writeFile(join(folder, "job.ts"), "mine");
  await expect(writeProject(folder, files)).rejects.toMatchObject({
    code: "USAGE",
    message: `${folder} has job.ts, texts/one.txt already: nothing was written`,
  });
  expect(await readFile(join(folder, "job.ts"), "utf8")).toBe("mine");
  await rm(join(folder, "job.ts"));
  await expect(writeProject(folder, files)).rejects.toMatchObject({ code: "USAGE" });
  expect(await listed()).toEqual(["texts", "texts/one.txt"]);
});

it("leaves no half of a project where it cannot write", async () => {
  await writeFile(join(folder, "texts"), "a file where a folder is to be");
  await expect(writeProject(folder, files)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  expect(await listed()).toEqual(["texts"]);
});

it("the template's files are filled in, and go by their own names", async () => {
  const template = join(import.meta.dirname, "../../template");
  const made = await projectFiles(template, { name: "@ada/words", version: "1.2.3" });
  expect(made.map(({ path }) => path)).toEqual([
    "README.md",
    "fnmesh.config.ts",
    ".gitignore",
    "job.test.ts",
    "job.ts",
    "package.json",
    "texts/harbour.txt",
    "texts/meadow.txt",
    "tsconfig.json",
  ]);
  const textOf = (name: string) => made.find(({ path }) => path === name)!.text;
  expect(JSON.parse(textOf("package.json"))).toMatchObject({
    name: "@ada/words",
    dependencies: { fnmesh: "^1.2.3" },
  });
  expect(textOf("README.md")).toMatch(/^# @ada\/words\n/);
  for (const { text } of made) expect(text).not.toContain("{{");
});
