import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { expandInputs } from "./expand-inputs.ts";

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "fnmesh-expand-"));
  const files = [
    "a.txt",
    "b.txt",
    "B.txt",
    "c.md",
    ".hidden.txt",
    "deep/d.txt",
    "deep/er/e.txt",
    "odd[1].txt",
  ];
  for (const file of [...files, "\u{1f40b}.log", "\uffee.log"]) {
    await mkdir(dirname(join(cwd, file)), { recursive: true });
    await writeFile(join(cwd, file), "text\n");
  }
});
afterEach(() => rm(cwd, { recursive: true }));

it.each([
  ["a path", ["a.txt"], ["a.txt"]],
  ["a star", ["*.txt"], ["B.txt", "a.txt", "b.txt", "odd[1].txt"]],
  ["two stars", ["**/*.txt"], ["B.txt", "a.txt", "b.txt", "deep/d.txt", "deep/er/e.txt", "odd[1].txt"]],
  ["a question mark", ["?.md"], ["c.md"]],
  ["a set", ["[ab].txt"], ["a.txt", "b.txt"]],
  ["braces", ["{a,c}.{txt,md}"], ["a.txt", "c.md"]],
  ["a directory and a star", ["deep/*"], ["deep/d.txt"]],
  ["a hidden file, when asked for", [".*.txt"], [".hidden.txt"]],
  ["a file with brackets in its name", ["odd[1].txt"], ["odd[1].txt"]],
  [
    "one file in several ways",
    ["a.txt", "./a.txt", "*.txt", "deep/../a.txt"],
    ["B.txt", "a.txt", "b.txt", "odd[1].txt"],
  ],
  ["names beyond the basic plane, in byte order", ["*.log"], ["\uffee.log", "\u{1f40b}.log"]],
  ["nothing", [], []],
])("%s", async (_what, patterns, files) => {
  expect(await expandInputs(patterns, cwd)).toEqual(files);
});

it("an absolute path or pattern, relative where it can be", async () => {
  expect(await expandInputs([join(cwd, "[ab].txt")], cwd)).toEqual(["a.txt", "b.txt"]);
  expect(await expandInputs([join(cwd, "[ab].txt")], join(cwd, "deep"))).toEqual([
    join(cwd, "a.txt"),
    join(cwd, "b.txt"),
  ]);
});

it("a pattern that leads up", async () => {
  expect(await expandInputs(["../*.md"], join(cwd, "deep"))).toEqual([join(cwd, "c.md")]);
});

it("links to files, but not links that lead nowhere", async () => {
  await symlink("a.txt", join(cwd, "link.txt"));
  await symlink("nowhere", join(cwd, "l-broken.txt"));
  expect(await expandInputs(["l*.txt"], cwd)).toEqual(["link.txt"]);
});

it.each([
  ["*.csv", "INPUT_NOT_FOUND", "no file matches"],
  ["nope.txt", "INPUT_NOT_FOUND", "does not exist"],
  ["a.txt/b", "INPUT_NOT_FOUND", "does not exist"],
  ["deep", "INPUT_UNREADABLE", "is a directory"],
])("%s is refused", async (pattern, code, words) => {
  const error = await expandInputs(["a.txt", pattern], cwd).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code, message: expect.stringContaining(words), hint: expect.any(String) });
});
