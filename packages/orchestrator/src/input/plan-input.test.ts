import { appendFile, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type InputPlan, planInput } from "./plan-input.ts";

let cwd: string;
const plans: InputPlan[] = [];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "fnmesh-input-"));
});
afterEach(async () => {
  for (const plan of plans.splice(0)) await plan.close();
  await rm(cwd, { recursive: true });
});

async function plan(contents: readonly string[], workers: number): Promise<InputPlan> {
  const files = contents.map((_, index) => `file-${index}.txt`);
  await Promise.all(contents.map((text, index) => writeFile(join(cwd, files[index]!), text)));
  const made = await planInput({ files, workers, cwd });
  plans.push(made);
  return made;
}

const textsOf = ({ parts }: InputPlan): Promise<{ name: string; text: string }[][]> =>
  Promise.all(
    parts.map((mine) =>
      Promise.all(
        mine.map(async (part) => ({
          name: part.name,
          text: Buffer.from(await part.read(0, part.bytes)).toString(),
        })),
      ),
    ),
  );

describe("the parts", () => {
  it("hold every line once, whole, in order", async () => {
    const line = fc.constantFrom("\n", "a\n", "a few words\n", `${"long ".repeat(60)}\n`);
    const file = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom("", "no line break"))
      .map(([lines, last]) => lines.join("") + last);
    await fc.assert(
      fc.asyncProperty(
        fc.array(file, { maxLength: 5 }),
        fc.integer({ min: 1, max: 9 }),
        async (contents, workers) => {
          const made = await plan(contents, workers);
          const parts = (await textsOf(made)).flat();
          await made.close();
          for (const [index, content] of contents.entries()) {
            const mine = parts.filter(({ name }) => name === `file-${index}.txt`);
            expect(mine.map(({ text }) => text).join("")).toBe(content);
            for (const { text } of mine.slice(0, -1)) expect(text).toMatch(/\n$/);
          }
          expect(made.bytes).toBe(contents.join("").length);
          expect(made.parts.length).toBe(workers);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("are even where lines are short: a large file is cut, small ones are grouped", async () => {
    const made = await plan(["word\n".repeat(20_000), ...Array<string>(50).fill("word\n".repeat(400))], 8);
    const shares = made.parts.map((mine) => mine.reduce((sum, part) => sum + part.bytes, 0));
    expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(10);
    expect(made.parts.flat().length).toBeLessThanOrEqual(51 + 7);
  });

  it("leave one huge line whole", async () => {
    const made = await plan([`short\n${"x".repeat(1_000_000)}\nshort\n`], 4);
    expect((await textsOf(made)).flat().filter(({ text }) => text.includes("xx"))).toHaveLength(1);
  });

  it("are read at any place, but not past their end", async () => {
    const [[part]] = (await plan(["0123456789\nabc\n"], 1)).parts as [[InputPlan["parts"][0][0]]];
    expect(Buffer.from(await part.read(8, 5)).toString()).toBe("89\nab");
    expect(await part.read(15, 0)).toHaveLength(0);
    await expect(part.read(10, 6)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(part.read(-1, 2)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("of many files are read through a bounded number of open ones", async () => {
    const made = await plan(
      Array.from({ length: 200 }, (_, index) => `file ${index}\n`),
      3,
    );
    const open = async () => {
      const paths = await readdir("/proc/self/fd").catch(() => []);
      return paths.length;
    };
    const before = await open();
    const texts = (await textsOf(made)).flat();
    expect(texts.map(({ text }) => text)).toEqual(
      Array.from({ length: 200 }, (_, index) => `file ${index}\n`),
    );
    expect((await open()) - before).toBeLessThanOrEqual(70);
    await made.close();
    expect(await open()).toBeLessThanOrEqual(before);
  });

  it("are none without files", async () => {
    expect((await planInput({ files: [], workers: 2, cwd })).parts).toEqual([[], []]);
  });
});

describe("what is refused", () => {
  it("a file that does not exist", async () => {
    await expect(planInput({ files: ["nope.txt"], workers: 2, cwd })).rejects.toMatchObject({
      code: "INPUT_NOT_FOUND",
      message: "the input nope.txt does not exist",
      hint: expect.stringContaining("working directory"),
    });
  });

  it("a directory", async () => {
    await mkdir(join(cwd, "texts"));
    await expect(planInput({ files: ["texts/"], workers: 2, cwd })).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      hint: expect.stringContaining("'texts/**/*'"),
    });
  });

  it("what is not a file", async () => {
    await expect(planInput({ files: ["/dev/null"], workers: 2, cwd })).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
      message: expect.stringContaining("not a regular file"),
    });
  });

  it("a loop of links", async () => {
    await symlink("loop", join(cwd, "loop"));
    await expect(planInput({ files: ["loop"], workers: 2, cwd })).rejects.toMatchObject({
      code: "INPUT_UNREADABLE",
    });
  });
});

describe("a file that changes after it was planned with", () => {
  const changes: readonly [string, (path: string) => Promise<unknown>, string][] = [
    ["grows", (path) => appendFile(path, "more\n"), "INPUT_UNREADABLE"],
    ["shrinks", (path) => writeFile(path, "a\n"), "INPUT_UNREADABLE"],
    ["is touched", (path) => utimes(path, 1, 1), "INPUT_UNREADABLE"],
    ["goes away", (path) => rm(path), "INPUT_NOT_FOUND"],
  ];
  it.each(changes)("is refused when it %s", async (_how, change, code) => {
    const made = await plan(["some lines\nof text\n"], 1);
    await change(join(cwd, "file-0.txt"));
    await expect(made.parts[0]![0]!.read(0, 5)).rejects.toMatchObject({ code });
    await expect(made.parts[0]![0]!.read(0, 5)).rejects.toMatchObject({ code });
  });

  it("is refused when it shrinks while it is open", async () => {
    const made = await plan(["some lines\nof text\n"], 1);
    await made.parts[0]![0]!.read(0, 5);
    await writeFile(join(cwd, "file-0.txt"), "a\n");
    await expect(made.parts[0]![0]!.read(5, 5)).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
  });
});

it("a closed plan is not read from", async () => {
  const made = await plan(["text\n"], 1);
  const reading = made.parts[0]![0]!.read(0, 4);
  await Promise.all([made.close(), made.close()]);
  await reading.catch(() => {});
  await expect(made.parts[0]![0]!.read(0, 4)).rejects.toMatchObject({ code: "CLOSED" });
});
