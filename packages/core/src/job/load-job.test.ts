import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import type { Worker } from "./job.ts";
import { loadJob } from "./load-job.ts";

const hash = "0123456789abcdef0123456789abcdef";
const newWorker = () => ({ rank: 4, signal: new AbortController().signal }) as Worker;

/** A job as the command bundles it. */
async function bundle(source: string, options: { sourceRoot?: string; minify?: boolean } = {}) {
  const result = await build({
    stdin: { contents: source, sourcefile: "sums/job.ts", loader: "ts", resolveDir: import.meta.dirname },
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    sourcemap: "inline",
    sourcesContent: false,
    ...options,
  });
  return result.outputFiles[0]!.text;
}

async function refusal(code: string): Promise<FnmeshError> {
  const error = await loadJob(code, hash).catch((thrown: unknown) => thrown);
  if (error instanceof FnmeshError) return error;
  throw new Error(`not refused with a FnmeshError: ${error}`);
}

async function thrownBy(code: string): Promise<Error & { cause?: unknown }> {
  const job = await loadJob(code, hash);
  return await job.run(newWorker()).then(
    () => {
      throw new Error("did not throw");
    },
    (thrown: Error) => thrown,
  );
}

describe("a job's module", () => {
  it("becomes the job", async () => {
    const job = await loadJob(
      `const twice = 2; export default { fnmesh: 1, name: "twins", async run({ rank }) { return rank * twice } }`,
      hash,
    );
    expect(job.name).toBe("twins");
    expect(await job.run(newWorker())).toBe(8);
  });

  it("may use Node's modules, top-level await and any letters", async () => {
    const job = await loadJob(
      `import { basename } from "node:path"; const word = await Promise.resolve("Wörter 🐋");
       export default { fnmesh: 1, run: async () => basename("/a/" + word) }`,
      hash,
    );
    expect(await job.run(newWorker())).toBe("Wörter 🐋");
  });

  it("keeps the job's own this", async () => {
    const job = await loadJob(
      "class Own { fnmesh = 1; by = 3; async run({ rank }) { return rank * this.by } } export default new Own()",
      hash,
    );
    expect(await job.run(newWorker())).toBe(12);
  });
});

describe("errors of a running job", () => {
  const source = `interface Split { words: number }
    // What the bundler drops makes its lines differ from these.

    function count(split: Split): number {
      throw new TypeError("broken " + split.words);
    }
    export default {
      fnmesh: 1,
      async run() {
        try { count({ words: 1 }); }
        catch (cause) { throw new Error("outer", { cause }); }
      },
    };`;

  it.each([false, true])("name the lines of the sources (minified: %s)", async (minify) => {
    const error = await thrownBy(await bundle(source, { minify }));
    expect(error.message).toBe("outer");
    expect(error.stack).toContain("sums/job.ts:11:31");
    expect((error.cause as Error).stack).toMatch(/^TypeError: broken 1\n\s+at .*sums\/job\.ts:5:13\)?\n/);
    expect(error.stack).not.toContain("base64");
  });

  it("name the lines of the sources where an error ends the worker from outside", async () => {
    const over = new AbortController();
    const code = await bundle(`export default { fnmesh: 1, async run({ signal }) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return await thrownAside();
    } };
    export const thrownAside = async () => {};
    globalThis.makeStrayError = () => new Error("stray");`);
    const job = await loadJob(code, hash);
    const running = job.run({ ...newWorker(), signal: over.signal });
    const { makeStrayError } = globalThis as unknown as { makeStrayError: () => Error };
    const stray = makeStrayError();
    expect(stray.stack).not.toContain("sums/job.ts");
    over.abort(stray);
    await running;
    expect(stray.stack).toContain("sums/job.ts:6");
  });

  it("name whole paths where the bundle says where its sources are", async () => {
    const error = await thrownBy(await bundle(source, { sourceRoot: "file:///home/ada/" }));
    expect(error.stack).toMatch(/\(\/home\/ada\/.*sums\/job\.ts:11:31\)/);
  });

  it("name the bundle where there is no map, or a broken one", async () => {
    const code = `export default { fnmesh: 1, async run() { throw new Error("x"); } }`;
    expect((await thrownBy(code)).stack).toContain("fnmesh-job-0123456789ab.mjs:1:");
    const broken = `${code}\n//# sourceMappingURL=data:application/json;base64,e30x`;
    expect((await thrownBy(broken)).stack).toContain("fnmesh-job-0123456789ab.mjs:1:");
  });

  it("name the bundle where the map says nothing of a line, though it knows those before it", async () => {
    const mapped = await bundle(
      "export const one = 1;\nexport default { fnmesh: 1, run: async () => fail() };",
    );
    const map = mapped.lastIndexOf("\n//# sourceMappingURL");
    const code = `${mapped.slice(0, map)}\nfunction fail() { throw new Error("deep"); }${mapped.slice(map)}`;
    const [, first, second] = (await thrownBy(code)).stack!.split("\n");
    expect(first).toMatch(/fail \(fnmesh-job-0123456789ab\.mjs:\d+:/);
    expect(second).toContain("sums/job.ts:2:");
  });

  it("may be anything: a frozen error, a string, its own cause", async () => {
    const of = (expression: string) =>
      bundle(`export default { fnmesh: 1, async run() { ${expression} } }`).then(thrownBy);
    expect((await of(`throw Object.freeze(new Error("cold"))`)).message).toBe("cold");
    expect(await of(`throw "only words"`)).toBe("only words");
    expect((await of(`const e = new Error("loop"); e.cause = e; throw e`)).message).toBe("loop");
  });
});

describe("a module that is refused", () => {
  it.each([
    ["a syntax error", "export default {", "Unexpected end of input"],
    ["a package that is not in the bundle", `import x from "left-pad"; export default x`, "left-pad"],
    ["a file that is not in the bundle", `import x from "./own.ts"; export default x`, "./own.ts"],
    ["an export that does not exist", `import { nope } from "node:fs"; export default nope`, "nope"],
  ])("with %s is JOB_COMPILE", async (_what, code, words) => {
    const error = await refusal(code);
    expect(error.code).toBe("JOB_COMPILE");
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("base64");
    expect(error.hint).toContain("bundle");
  });

  it("that throws is JOB_THREW, with the user's line", async () => {
    const code = await bundle("const text: string = '{';\n\nexport default JSON.parse(text);");
    const error = await refusal(code);
    expect(error).toMatchObject({ code: "JOB_THREW", hint: expect.stringContaining("before run()") });
    expect(error.stack).toContain("sums/job.ts:3:");
  });

  it.each([
    ["export const job = 1", "is missing"],
    ["export default null", "a null, not a job"],
    ["export default async function run() {}", "a function, not a job"],
    ["export default { run: async () => 1 }", "defineJob did not make"],
    ["export default { fnmesh: 1 }", "without a run function"],
    ["export default { fnmesh: 2, run: async () => 1 }", "another version of fnmesh (2)"],
  ])("without a job is JOB_INVALID: %s", async (code, words) => {
    const error = await refusal(code);
    expect(error).toMatchObject({ code: "JOB_INVALID", hint: expect.stringContaining("defineJob") });
    expect(error.message).toContain(words);
  });
});
