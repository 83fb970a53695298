import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { SourceMap, type SourceMapping } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { afterEach, expect, test } from "vitest";
import { bundleJob } from "./bundle-job.ts";

const folders: string[] = [];

/** A folder of its own with these files, outside of any project. */
async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-bundle-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Loads the bundle as a worker does: from its text alone. */
const load = (code: string) =>
  import(`data:text/javascript,${encodeURIComponent(code)}`) as Promise<{
    default: { fnmesh: number; run(worker: unknown): Promise<unknown> };
  }>;

async function refusal(promise: Promise<unknown>): Promise<FnmeshError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FnmeshError) return error;
  throw new Error(`not refused with a FnmeshError: ${error}`);
}

test("a job outside any project gets fnmesh from this installation, in a small bundle", async () => {
  const cwd = await projectOf({
    "hello.ts": `import { defineJob } from "fnmesh";
      export default defineJob({ async run(worker): Promise<string> { return "rank " + worker.rank; } });`,
  });
  const { name, code, warnings } = await bundleJob("hello.ts", { cwd });
  expect(name).toBe("hello");
  expect(warnings).toEqual([]);
  const job = (await load(code)).default;
  expect(job.fnmesh).toBe(1);
  expect(await job.run({ rank: 3, size: 4, peers: {} })).toBe("rank 3");
  expect(code.length).toBeLessThan(3_000);
});

test("a project's own fnmesh goes before this installation's", async () => {
  const cwd = await projectOf({
    "node_modules/fnmesh/package.json": `{ "name": "fnmesh", "main": "index.js", "type": "module" }`,
    "node_modules/fnmesh/index.js": `export const defineJob = (job) => ({ ...job, fnmesh: 1, own: true });`,
    "job.js": `import { defineJob } from "fnmesh"; export default defineJob({ run: async () => 1 });`,
  });
  const { code } = await bundleJob("job.js", { cwd });
  expect((await load(code)).default).toMatchObject({ own: true });
});

test("relative imports, JSON and npm packages go along; CommonJS ones may require Node's modules", async () => {
  const cwd = await projectOf({
    "my-sums/job.ts": `import { createRequire } from "node:module";
      import dep from "old-style";
      import { twice } from "../lib/twice.ts";
      import settings from "./settings.json";
      const require = createRequire("/");
      export default { fnmesh: 1, run: async () => [twice(settings.value), dep.home, typeof require] };`,
    "my-sums/settings.json": `{ "value": 21 }`,
    "lib/twice.ts": "export const twice = (n: number): number => 2 * n; export const unused = 'UNUSED';",
    "node_modules/old-style/package.json": `{ "name": "old-style", "main": "main.js" }`,
    "node_modules/old-style/main.js": `const path = require("path"); module.exports = { home: path.join("a", "b") };`,
  });
  const { name, code } = await bundleJob("my-sums/job.ts", { cwd });
  expect(name).toBe("my-sums");
  expect(await (await load(code)).default.run({})).toEqual([42, "a/b", "function"]);
  expect(code).not.toContain("UNUSED");
});

test("a job's code is not executed when it is bundled", async () => {
  const cwd = await projectOf({
    "job.js": `globalThis.__fnmeshRan = true; export default { fnmesh: 1, run: async () => 1 };`,
  });
  await bundleJob("job.js", { cwd });
  expect("__fnmeshRan" in globalThis).toBe(false);
});

test.each([
  ["alone", "export default {\n  fnmesh: 1,\n  async run() { throw new Error('x'); } };"],
  [
    "beside a CommonJS package",
    "import dep from 'old-style'; export default {\n  fnmesh: 1, dep,\n  async run() { throw new Error('x'); } };",
  ],
])("the source map leads back to the user's line: %s", async (_, job) => {
  const cwd = await projectOf({
    "job.ts": job,
    "node_modules/old-style/package.json": `{ "name": "old-style", "main": "main.js" }`,
    "node_modules/old-style/main.js": `module.exports = require("path").sep;`,
  });
  const { code } = await bundleJob("job.ts", { cwd });
  const payload = JSON.parse(Buffer.from(code.split("base64,").at(-1)!, "base64").toString());
  expect(payload.sourcesContent).toBeUndefined();
  const before = code.slice(0, code.indexOf("throw new")).split("\n");
  const entry = new SourceMap(payload).findEntry(before.length - 1, before.at(-1)!.length) as SourceMapping;
  expect(new URL(payload.sourceRoot + entry.originalSource).pathname).toBe(join(cwd, "job.ts"));
  expect([entry.originalLine, entry.originalColumn]).toEqual([2, 16]);
});

test("a missing file is JOB_NOT_FOUND and says where it looked", async () => {
  const cwd = await projectOf({ "folder/job.ts": "export default 1" });
  const missing = await refusal(bundleJob("jbo.ts", { cwd }));
  expect(missing).toMatchObject({ code: "JOB_NOT_FOUND", message: "there is no job at jbo.ts" });
  expect(missing.hint).toContain(join(cwd, "jbo.ts"));
  const folder = await refusal(bundleJob("folder/", { cwd }));
  expect(folder.code).toBe("JOB_NOT_FOUND");
  expect(folder.hint).toContain("fnmesh run folder/job.ts");
});

test("a syntax error is JOB_COMPILE with file, line, column, the line and a mark", async () => {
  const cwd = await projectOf({ "bad.ts": "const fine = 1;\n\tconst broken = ;\nexport default fine;\n" });
  const error = await refusal(bundleJob("bad.ts", { cwd }));
  expect(error.code).toBe("JOB_COMPILE");
  expect(error.message).toBe(
    "bad.ts does not compile\n" +
      'bad.ts:2:17: Unexpected ";"\n' +
      "  2 | \tconst broken = ;\n" +
      "    | \t               ^",
  );
  expect(error.hint).toBe("Correct the line and run again.");
});

test("an import that leads nowhere says what to install, or to look at the path", async () => {
  const cwd = await projectOf({
    "package.ts": `import x from "@scope/absent/deep"; export default x;`,
    "file.ts": `import x from "./absent.ts"; export default x;`,
  });
  expect((await refusal(bundleJob("package.ts", { cwd }))).hint).toBe(
    "Install it where the job lives: npm install @scope/absent",
  );
  const file = await refusal(bundleJob("file.ts", { cwd }));
  expect(file.message).toContain("file.ts:1:15:");
  expect(file.hint).toContain("Is the file there?");
});

test("many errors show the first three and count the rest", async () => {
  const lines = Array.from({ length: 5 }, (_, i) => `import x${i} from "./absent${i}.ts"; x${i};`);
  const cwd = await projectOf({ "job.ts": `${lines.join("\n")}\nexport default 1;` });
  const { message } = await refusal(bundleJob("job.ts", { cwd }));
  expect(message.match(/Could not resolve/g)).toHaveLength(3);
  expect(message).toContain("and 2 more");
});

test("a module without a default export is JOB_INVALID and names what it does export", async () => {
  const cwd = await projectOf({
    "named.ts": "export const run = async () => 1; export const job = 2;",
    "none.ts": "console.log('a script');",
  });
  const named = await refusal(bundleJob("named.ts", { cwd }));
  expect(named).toMatchObject({ code: "JOB_INVALID" });
  expect(named.message).toMatch(/it exports (run, job|job, run)$/);
  expect(named.hint).toContain("export default defineJob(");
  expect((await refusal(bundleJob("none.ts", { cwd }))).message).toContain("it exports nothing");
});
