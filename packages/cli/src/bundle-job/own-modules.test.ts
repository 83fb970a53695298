// What of fnmesh itself goes along in a job, and what goes beside it.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { bundleJob } from "./bundle-job.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function bundled(text: string) {
  const cwd = await mkdtemp(join(tmpdir(), "fnmesh-own-"));
  folders.push(cwd);
  await writeFile(join(cwd, "job.ts"), text);
  return bundleJob("job.ts", { cwd });
}

const load = (code: string): Promise<{ default: { run(worker: unknown): Promise<unknown> } }> =>
  import(`data:text/javascript,${encodeURIComponent(code)}`);

const sourcesOf = (code: string): string[] =>
  JSON.parse(Buffer.from(code.split("base64,").at(-1)!, "base64").toString()).sources;

const job = (body: string) =>
  `import { defineJob } from "fnmesh"; export default defineJob({ async run(worker) { ${body} } });`;

/** A runtime that has these modules, and a world of one worker. */
function runtimeWith(modules: readonly string[]) {
  const asked: string[] = [];
  const inner = {
    async load({ hash, bytes }: { readonly hash: string; readonly bytes: number }): Promise<object> {
      asked.push(hash);
      const text = modules.find((each) => createHash("sha256").update(each).digest("hex") === hash)!;
      expect(Buffer.byteLength(text)).toBe(bytes);
      return load(text);
    },
  };
  const worker = { rank: 0, size: 1, params: {}, peers: { [Symbol.for("fnmesh.inner")]: inner } };
  return { asked, worker };
}

test("a job that calls nothing of the library asks for nothing", async () => {
  const { code, modules } = await bundled(job("return [worker.members, typeof worker.split];"));
  const { asked, worker } = runtimeWith(modules);
  expect(await (await load(code)).default.run(worker)).toEqual([[0], "function"]);
  expect(asked).toEqual([]);
});

test("the library comes with the first call of it, once for all calls", async () => {
  const { code, modules } = await bundled(
    job(`const half = await worker.split(worker.rank % 2);
      const folder = await worker.scratch();
      return [await worker.allReduce(4, "sum"), await half.allGather("x"), folder];`),
  );
  expect(modules).toHaveLength(1);
  const { asked, worker } = runtimeWith(modules);
  const [sum, all, folder] = (await (await load(code)).default.run(worker)) as [number, string[], string];
  expect([sum, all]).toEqual([4, ["x"]]);
  expect(new Set(asked).size).toBe(1);
  // The job's own code and the library are two copies of fnmesh: they must mean the same worker.
  expect(existsSync(folder)).toBe(false);
});

test("wrong parameters are told of by the library", async () => {
  const { code, modules } = await bundled(`import { defineJob } from "fnmesh";
    const issues = [{ message: "not a number", path: ["top"] }];
    const params = { "~standard": { version: 1, vendor: "test", validate: () => ({ issues }) } } as const;
    export default defineJob({ params, run: async () => 1 });`);
  const { worker } = runtimeWith(modules);
  await expect((await load(code)).default.run(worker)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringContaining("top: not a number"),
  });
});

test("all jobs of one fnmesh have one library; a job without defineJob has none", async () => {
  const [one, other] = [await bundled(job("return 1;")), await bundled(job("return 2;"))];
  expect(one.modules).toEqual(other.modules);
  expect((await bundled("export default { fnmesh: 1, run: async () => 1 };")).modules).toEqual([]);
});

test("the source map knows the user's lines, and nothing of fnmesh", async () => {
  const { code } = await bundled(
    `import { datasets, defineJob } from "fnmesh";
    export default defineJob({ run: (worker) => datasets(worker).range(3).collect() });`,
  );
  expect(sourcesOf(code)).toEqual(["job.ts"]);
  // With long names, comments and their map it would be three times as much.
  expect(code.length).toBeLessThan(100_000);
  expect(code).not.toMatch(/packages\/core|node_modules/);
});
