import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { bundleJob } from "./bundle-job.ts";
import { driverModules, inputModule } from "./driver-modules.ts";

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function projectOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-drivers-"));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const load = (code: string) =>
  import(`data:text/javascript,${encodeURIComponent(code)}`) as Promise<{
    default: { run(worker: unknown): Promise<unknown> };
    stores?: Record<string, { connect(options: unknown): Promise<unknown> }>;
    openInput?: () => unknown;
  }>;

/** A driver with what real ones have: packages in CommonJS that require Node's modules, and long names. */
const fakeDriver = {
  "driver.mjs": `import client from "old-client";
    const aRatherLongNameForAConnection = (options) => client.join(options.rung, "x");
    export const driver = { connect: async (options) => aRatherLongNameForAConnection(options) };`,
  "node_modules/old-client/package.json": `{ "name": "old-client", "main": "main.js" }`,
  "node_modules/old-client/main.js": `const path = require("path"); module.exports = { join: path.join };`,
};
const job = `const require = "the job's own";
  export default { fnmesh: 1, run: async () => require };`;

test("drivers go along as the export `stores`, and the job stays as it is", async () => {
  const cwd = await projectOf({ ...fakeDriver, "my-sums/job.ts": job });
  const driver = join(cwd, "driver.mjs");
  const drivers = { redis: driver, "s3-combined": driver };
  const { name, code, warnings } = await bundleJob("my-sums/job.ts", { cwd, drivers });
  expect([name, warnings]).toEqual(["my-sums", []]);
  const module = await load(code);
  expect(await module.default.run({})).toBe("the job's own");
  expect(Object.keys(module.stores!).sort()).toEqual(["redis", "s3-combined"]);
  expect(await module.stores!.redis!.connect({ rung: "redis" })).toBe("redis/x");
  expect(code).not.toContain("aRatherLongNameForAConnection");
});

test("what reads the input goes along as the export `openInput`, alone or beside drivers", async () => {
  const cwd = await projectOf({
    ...fakeDriver,
    "input.mjs": "export const openInput = () => 'opened';",
    "job.ts": job,
  });
  const input = join(cwd, "input.mjs");
  const alone = await load((await bundleJob("job.ts", { cwd, input })).code);
  expect(alone.openInput!()).toBe("opened");
  expect("stores" in alone).toBe(false);
  expect(await alone.default.run({})).toBe("the job's own");
  const drivers = { redis: join(cwd, "driver.mjs") };
  const both = await load((await bundleJob("job.ts", { cwd, input, drivers })).code);
  expect([Object.keys(both.stores!), both.openInput!()]).toEqual([["redis"], "opened"]);
});

test("without drivers the bundle is the same as ever, to the byte", async () => {
  const cwd = await projectOf({ "job.ts": job });
  const plain = await bundleJob("job.ts", { cwd });
  expect(await bundleJob("job.ts", { cwd, drivers: {} })).toEqual(plain);
  expect("stores" in (await load(plain.code))).toBe(false);
});

test("the source map still leads to the user's lines, and to nothing of the drivers", async () => {
  const cwd = await projectOf({
    ...fakeDriver,
    "job.ts": "export default {\n  fnmesh: 1,\n  async run() { throw new Error('x'); } };",
  });
  const { code } = await bundleJob("job.ts", { cwd, drivers: { redis: join(cwd, "driver.mjs") } });
  const map = JSON.parse(Buffer.from(code.split("base64,").at(-1)!, "base64").toString());
  expect(map.sources).toEqual(["job.ts"]);
});

test.each([
  ["no default export", "export const named = 1;", "JOB_INVALID", /^job\.ts has no default export.* named$/],
  ["a syntax error", "const broken = ;", "JOB_COMPILE", /^job\.ts does not compile\njob\.ts:1:16: /],
  ["an import that leads nowhere", `import "./absent.ts"; export default 1;`, "JOB_COMPILE", /job\.ts:1:8/],
])("with drivers too, %s is told of the user's file", async (_, text, code, message) => {
  const cwd = await projectOf({ ...fakeDriver, "job.ts": text });
  const drivers = { redis: join(cwd, "driver.mjs") };
  const told = { code, message: expect.stringMatching(message) };
  await expect(bundleJob("job.ts", { cwd, drivers })).rejects.toMatchObject(told);
});

test("a driver that is not there is no fault of the job", async () => {
  const cwd = await projectOf({ "job.ts": job });
  const drivers = { redis: join(cwd, "absent.mjs") };
  await expect(bundleJob("job.ts", { cwd, drivers })).rejects.toMatchObject({
    code: "PROVIDER_UNAVAILABLE",
    message: expect.stringContaining("drivers"),
  });
});

test("the real drivers of every rung can go along", async () => {
  const cwd = await projectOf({ "job.ts": job });
  const rungs = ["redis", "memcached", "s3-naive", "s3-combined"] as const;
  const { code } = await bundleJob("job.ts", {
    cwd,
    drivers: driverModules(rungs),
    input: inputModule,
  });
  const { stores, openInput } = await load(code);
  expect(openInput).toBeTypeOf("function");
  for (const rung of rungs) expect(stores?.[rung]?.connect).toBeTypeOf("function");
});
