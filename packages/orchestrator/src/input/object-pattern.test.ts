import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expandInputs } from "./expand-inputs.ts";
import { objectPattern } from "./object-pattern.ts";

describe("a name in S3", () => {
  it.each([
    ["s3://logs/2026/a.jsonl", "key", "2026/a.jsonl", "2026/a.jsonl"],
    ["s3://logs/2026/", "prefix", "2026/", "2026/"],
    ["s3://logs", "prefix", "", ""],
    ["s3://logs/", "prefix", "", ""],
    ["s3://logs/2026-*.jsonl", "glob", "2026-*.jsonl", "2026-"],
    ["s3://my.logs/a/**/b?/", "glob", "a/**/b?/", "a/"],
    ["s3://logs/ä %20 b/#1", "key", "ä %20 b/#1", "ä %20 b/#1"],
    ["s3://logs//two//slashes", "key", "/two//slashes", "/two//slashes"],
    ["s3://logs/line\nbreak", "key", "line\nbreak", "line\nbreak"],
  ])("%j is a %s", (text, kind, key, prefix) => {
    expect(objectPattern(text)).toMatchObject({ kind, key, prefix });
  });

  it.each(["s3://", "s3:///key", "s3://a", "s3://b@d/key", "s3://-no/key", "s3:/logs/a"])(
    "%s names no bucket",
    (text) => {
      const parse = () => objectPattern(text);
      expect(parse).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.any(String) }));
    },
  );

  it("with a range the wrong way round is refused", () => {
    expect(() => objectPattern("s3://logs/[z-a]")).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  });
});

it.each<[string, string[], string[]]>([
  ["a/", ["a/b", "a/b/c", "a/.hidden"], ["a", "ab", "b/a/"]],
  ["a*/", ["ab/c", "a/b/c"], ["b/a", "ab"]],
  ["a//**", ["a//b", "a///b"], ["a/b"]],
  ["\\*.txt", ["*.txt"], ["a.txt"]],
  ["x?y", ["x🐋y", "x y"], ["x/y", "xy"]],
])("%s in a bucket matches %j and not %j", (pattern, yes, no) => {
  const { matches } = objectPattern(`s3://bucket/${pattern}`);
  expect([...yes, ...no].filter(matches)).toEqual(yes);
});

describe("a pattern means for objects what it means for files", () => {
  const names = [
    ...["a", "b.txt", "a.txt", "ab.txt", "abc.txt", ".hidden", ".hidden.txt", "a+b.txt", "a(1).txt", "a-b"],
    ...[
      "deep/a.txt",
      "deep/b.csv",
      "deep/.hidden/a.txt",
      "deep/er/a.txt",
      "deep/er/est/a.txt",
      "deeper/a.txt",
    ],
    ...["x.y/z.txt", "x.y/{q}.txt", "$1/a.txt", "ü/ä.txt", "with space/a b.txt", "50%/a.txt", "A.txt"],
  ];
  let cwd: string;
  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), "fnmesh-pattern-"));
    for (const name of names) {
      await mkdir(dirname(join(cwd, name)), { recursive: true });
      await writeFile(join(cwd, name), "");
    }
  });
  afterAll(() => rm(cwd, { recursive: true }));

  it.each([
    ...["*", "*.txt", "a*.txt", "?.txt", "??.txt", "[ab].txt", "[!a].txt", "[a-c]b*.txt", ".*", ".*.txt"],
    ...["**", "**/*", "**/*.txt", "**/a.txt", "deep/**", "deep/**/a.txt", "deep/*/a.txt", "d*/*.{txt,csv}"],
    ...["{a,b}.txt", "{a,deep/a}.txt", "{a,{b,ab}}.txt", "a{b,}.txt", "x.y/*", "$*/*", "ü/?.txt", "* */*"],
    ...["50%/*", "a+*", "a(*", "**/er/**", "**/.hidden/*"],
  ])("%s", async (pattern) => {
    const { matches, prefix } = objectPattern(`s3://bucket/${pattern}`);
    const asKeys = names.filter(matches);
    expect(asKeys.sort()).toEqual([...(await expandInputs([pattern], cwd))].sort());
    expect(asKeys.every((key) => key.startsWith(prefix))).toBe(true);
  });
});
