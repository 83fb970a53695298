import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { noUsage, type SourceCatalog } from "@fnmesh/core/internal";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expandObjects } from "./expand-objects.ts";
import { planInput } from "./plan-input.ts";

interface Bucket extends SourceCatalog {
  readonly listed: string[];
  readonly reads: string[];
}

function bucketWith(objects: Readonly<Record<string, string>>): Bucket {
  const keys = Object.keys(objects).sort((one, other) =>
    Buffer.compare(Buffer.from(one), Buffer.from(other)),
  );
  const listed: string[] = [];
  const reads: string[] = [];
  return {
    source: "s3",
    usage: noUsage(),
    listed,
    reads,
    list: async (bucket, prefix, most = keys.length) => {
      listed.push(`${bucket} ${prefix}`);
      const found = keys.filter((key) => key.startsWith(prefix)).slice(0, most);
      return found.map((key) => ({ key, bytes: Buffer.byteLength(objects[key]!), version: `"${key}"` }));
    },
    read: async (_bucket, { key }, offset, length) => {
      reads.push(`${key} ${offset} ${length}`);
      return Buffer.from(objects[key]!).subarray(offset, offset + length);
    },
    close: async () => {},
  };
}

const bucket = () =>
  bucketWith({
    "logs/a.txt": "a\n",
    "logs/b.csv": "b\n",
    "logs/deep/c.txt": "c\n",
    "logs/deep/": "",
    "logs/odd[1].txt": "odd\n",
    logs: "a key and a folder\n",
    "logs2/d.txt": "d\n",
    "\u{1f40b}": "whale\n",
    "\uffee": "half-wide\n",
  });

describe("objects named", () => {
  it.each([
    ["by a key", ["s3://b-1/logs/a.txt"], ["logs/a.txt"]],
    ["by a key that is a folder, too", ["s3://b-1/logs"], ["logs"]],
    ["by a prefix", ["s3://b-1/logs/"], ["logs/a.txt", "logs/b.csv", "logs/deep/c.txt", "logs/odd[1].txt"]],
    ["by a pattern", ["s3://b-1/logs/*.txt"], ["logs/a.txt", "logs/odd[1].txt"]],
    ["by one that is a key as it stands", ["s3://b-1/logs/odd[1].txt"], ["logs/odd[1].txt"]],
    [
      "in several ways",
      ["s3://b-1/logs/**/*.txt", "s3://b-1/logs/a.txt"],
      ["logs/a.txt", "logs/deep/c.txt", "logs/odd[1].txt"],
    ],
    ["by a pattern for all, in byte order", ["s3://b-1/*"], ["logs", "\uffee", "\u{1f40b}"]],
  ])("%s", async (_how, patterns, keys) => {
    const texts = await expandObjects(patterns, bucket());
    expect(texts.map(({ name, at }) => [name, at])).toEqual(
      keys.map((key) => [`s3://b-1/${key}`, { offset: 0, version: `"${key}"` }]),
    );
  });

  it.each([
    ["s3://b-1/nope.txt", /does not exist$/, /capitals/],
    ["s3://b-1/logs/deep", /does not exist$/, /s3:\/\/b-1\/logs\/deep\/$/],
    ["s3://b-1/nope/", /no object is below/, /capitals/],
    [
      "s3://b-1/logs/*.md",
      /no object matches the input pattern s3:\/\/b-1\/logs\/\*\.md/,
      /Of 5 objects .* none/,
    ],
    ["s3://b-1/nope/*", /no object matches/, /begins with "nope\/"/],
  ])("%s, without a match, is INPUT_NOT_FOUND", async (pattern, message, hint) => {
    await expect(expandObjects(["s3://b-1/logs/a.txt", pattern], bucket())).rejects.toMatchObject({
      code: "INPUT_NOT_FOUND",
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    });
  });

  it("wrongly, beside others, are told before anything is listed", async () => {
    const asked = bucket();
    await expect(expandObjects(["s3://b-1/logs/", "s3://"], asked)).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(asked.listed).toEqual([]);
  });
});

describe("the parts of objects", () => {
  it("are those of files with the same bytes, and lead a worker to the same bytes", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "fnmesh-objects-"));
    const line = fc.constantFrom("\n", "a\n", "wörter 🐋\n", `${"long ".repeat(2_000)}\n`);
    const text = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("", "no line break"))
      .map(([lines, last]) => lines.join("") + last);
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(text, { maxLength: 5 }),
          fc.integer({ min: 1, max: 9 }),
          async (contents, workers) => {
            const names = contents.map((_, index) => `text-${index}`);
            await Promise.all(names.map((name, index) => writeFile(join(cwd, name), contents[index]!)));
            const objects = Object.fromEntries(names.map((name, index) => [name, contents[index]!]));
            const ofFiles = await planInput({ files: names, workers, cwd });
            const texts = names.length === 0 ? [] : await expandObjects(["s3://b-1/"], bucketWith(objects));
            const ofObjects = await planInput({ files: [], texts, workers });
            expect(ofObjects.bytes).toBe(ofFiles.bytes);
            const bytesAt = (name: string, offset: number, bytes: number) =>
              Buffer.from(objects[name]!)
                .subarray(offset, offset + bytes)
                .toString();
            for (const [rank, mine] of ofObjects.parts.entries()) {
              const read = mine.map(({ name, bytes, at }) => {
                const key = name.replace("s3://b-1/", "");
                expect(at!.version).toBe(`"${key}"`);
                return [key, bytesAt(key, at!.offset, bytes)];
              });
              const wanted = ofFiles.parts[rank]!.map(async ({ name, bytes, read }) => [
                name,
                Buffer.from(await read(0, bytes)).toString(),
              ]);
              expect(read).toEqual(await Promise.all(wanted));
            }
            await ofFiles.close();
            await ofObjects.close();
          },
        ),
        { numRuns: 40 },
      );
    } finally {
      await rm(cwd, { recursive: true });
    }
  });

  it("follow after those of files", async () => {
    const texts = await expandObjects(["s3://b-1/logs/"], bucket());
    const cwd = await mkdtemp(join(tmpdir(), "fnmesh-objects-"));
    await writeFile(join(cwd, "z.txt"), "z\n");
    const plan = await planInput({ files: ["z.txt"], texts, workers: 2, cwd });
    await plan.close();
    await rm(cwd, { recursive: true });
    const names = plan.parts.flat().map(({ name, at }) => [name, at === undefined]);
    expect(names[0]).toEqual(["z.txt", true]);
    expect(names.slice(1).every(([, isFile]) => !isFile)).toBe(true);
  });

  it("take one small look at each cut, all of them at once", async () => {
    const source = bucketWith({ big: "some words in a line\n".repeat(50_000) });
    let [now, most] = [0, 0];
    const slow: SourceCatalog = {
      ...source,
      read: async (...asked) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setImmediate(resolve));
        now -= 1;
        return source.read(...asked);
      },
    };
    await planInput({ files: [], texts: await expandObjects(["s3://b-1/big"], slow), workers: 64 });
    expect(source.reads).toHaveLength(63);
    expect(source.reads.every((read) => read.endsWith(" 4096"))).toBe(true);
    expect(most).toBe(63);
  });
});
