import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFolder } from "./write-folder.ts";

let place: string;
let folder: string;
beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), "fnmesh-folder-"));
  folder = join(place, "made");
});
afterEach(() => rm(place, { recursive: true }));

const files = [
  { path: "template.yaml", text: "a template\n" },
  { path: "function/index.mjs", text: "code\n" },
];
const listed = async (at = folder) => ((await readdir(at, { recursive: true })) as string[]).sort();
const read = (path: string) => readFile(join(folder, path), "utf8");
const whole = [".fnmesh-trigger.json", "function", "function/index.mjs", "template.yaml"];

test("makes the folder, those above it, and all files", async () => {
  const deep = join(place, "a/b/made");
  await writeFolder(deep, files);
  expect([await listed(deep), await listed(join(place, "a/b"))]).toEqual([
    whole,
    ["made", ...whole.map((path) => `made/${path}`)],
  ]);
  expect(await readFile(join(deep, "function/index.mjs"), "utf8")).toBe("code\n");
});

test("takes an empty folder", async () => {
  await mkdir(folder);
  await writeFolder(folder, files);
  expect(await listed()).toEqual(whole);
});

test("takes the place of what it has written, with what was derived from that", async () => {
  await writeFolder(folder, [...files, { path: "function/old.mjs", text: "old" }]);
  await writeFile(join(folder, "packaged.yaml"), "derived");
  await writeFolder(folder, [{ path: "template.yaml", text: "another\n" }, files[1]!], ["packaged.yaml"]);
  expect([await listed(), await read("template.yaml")]).toEqual([whole, "another\n"]);
  expect(await readdir(place)).toEqual(["made"]);
});

describe("leaves alone", () => {
  const refused = async (why: string) => {
    const before = await listed(place);
    await expect(writeFolder(folder, files, ["packaged.yaml"])).rejects.toMatchObject({
      code: "USAGE",
      message: `${folder} is not written over: ${why}`,
    });
    expect(await listed(place)).toEqual(before);
  };

  test("a folder with other files in it", async () => {
    await mkdir(join(folder, "src"), { recursive: true });
    await writeFile(join(folder, "src/mine.ts"), "mine");
    await refused("it has src/mine.ts");
  });

  test("one of its own with a file more, or one that was changed since", async () => {
    await writeFolder(folder, files);
    await writeFile(join(folder, "function/mine.mjs"), "mine");
    await refused("it has function/mine.mjs");
    await rm(join(folder, "function/mine.mjs"));
    await writeFile(join(folder, "template.yaml"), "a template, and mine\n");
    await refused("template.yaml was changed");
  });

  test("one whose list of files is lost, or is none", async () => {
    await writeFolder(folder, files);
    for (const text of ["", "null", "[]", '{"files":null}']) {
      await writeFile(join(folder, ".fnmesh-trigger.json"), text);
      await refused("it has template.yaml");
    }
  });

  test("a file", async () => {
    await writeFile(folder, "mine");
    await expect(writeFolder(folder, files)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
    expect(await readFile(folder, "utf8")).toBe("mine");
  });
});

test("a link to a folder stays one", async () => {
  await mkdir(join(place, "elsewhere"));
  await symlink(join(place, "elsewhere"), folder);
  await writeFolder(folder, files);
  expect([await listed(join(place, "elsewhere")), await realpath(folder)]).toEqual([
    whole,
    await realpath(join(place, "elsewhere")),
  ]);
});

test("writes nothing where one file cannot be written", async () => {
  const impossible = [...files, { path: "template.yaml/deeper", text: "" }];
  await expect(writeFolder(folder, impossible)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  expect(await readdir(place)).toEqual([]);
  await writeFolder(folder, files);
  await expect(writeFolder(folder, impossible)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  expect([await listed(), await readdir(place)]).toEqual([whole, ["made"]]);
});
