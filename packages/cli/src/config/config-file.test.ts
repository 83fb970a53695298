import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findConfigFile } from "./config-file.ts";
import { loadConfig } from "./load-config.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  mkdirSync(dirname(join(cwd, name)), { recursive: true });
  writeFileSync(join(cwd, name), text);
};
const load = (folder = ".", file?: string) =>
  loadConfig({ folder: join(cwd, folder), file, cwd, environment: {} });

test("the nearest file upwards is the one", () => {
  write("fnmesh.config.json", "{}");
  write("a/fnmesh.config.ts", "");
  write("a/fnmesh.config.mjs", "");
  mkdirSync(join(cwd, "a/b/c"), { recursive: true });
  expect(findConfigFile(join(cwd, "a/b/c"))).toBe(join(cwd, "a/fnmesh.config.ts"));
  expect(findConfigFile(cwd)).toBe(join(cwd, "fnmesh.config.json"));
  expect(findConfigFile(join(cwd, "absent"))).toBe(join(cwd, "fnmesh.config.json"));
});

test.runIf(process.getuid?.() === 0)("a stranger's file above the job is passed over", () => {
  mkdirSync(join(cwd, "a"));
  write("fnmesh.config.json", "{}");
  chownSync(join(cwd, "fnmesh.config.json"), 12_345, 12_345);
  expect(findConfigFile(join(cwd, "a"))).toBeUndefined();
  // Whose job it is, their settings.
  chownSync(join(cwd, "a"), 12_345, 12_345);
  expect(findConfigFile(join(cwd, "a"))).toBe(join(cwd, "fnmesh.config.json"));
});

test.each([
  ["fnmesh.config.json", `{ "stores": { "redis": { "url": "redis://h" } } }`],
  ["fnmesh.config.js", `module.exports = { stores: { redis: { url: "redis://h" } } };`],
  ["fnmesh.config.mjs", `export default { stores: { redis: { url: "redis://h" } } };`],
  [
    "fnmesh.config.ts",
    `import { defineConfig } from "fnmesh";
     import { host } from "./lib/host.ts";
     import { basename } from "node:path";
     const here: string = basename(import.meta.filename);
     export default defineConfig({ stores: { redis: { url: "redis://" + host } }, priceAs: here });`,
  ],
])("%s is read", async (name, text) => {
  write("lib/host.ts", `export const host: string = "h";`);
  write(name, text);
  const { file, stores, priceAs } = await load();
  expect(file).toBe(join(cwd, name));
  expect(stores).toEqual({ redis: { url: "redis://h" } });
  if (name.endsWith(".ts")) expect(priceAs).toBe(name);
});

test("--config names the file, wherever it is; one that is not there is told", async () => {
  write("fnmesh.config.json", `{ "priceAs": "here" }`);
  write("other/settings.ts", `export default { priceAs: "there", relays: 2 };`);
  expect(await load(".", "other/settings.ts")).toMatchObject({ priceAs: "there", relays: 2 });
  await expect(load(".", "absent.ts")).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: "there is no configuration at absent.ts",
  });
});

test.each([
  [
    "does not compile",
    `{ "stores": { "redis": { "url": "canary" "x" } } }`,
    "json",
    /does not compile: line 1/,
  ],
  ["throws", `throw new Error("no vault today");`, "ts", /^fnmesh\.config\.ts failed: no vault today$/],
  [
    "imports what is not there",
    `import "./absent.ts"; export default {}; "canary"`,
    "ts",
    /not resolve "\.\/abs/,
  ],
  [
    "needs what is no package here",
    `await import("x" + process.pid); export default {}; "canary"`,
    "ts",
    /failed: /,
  ],
  ["has no default export", `export const stores = "canary";`, "mjs", /has no default export/],
])("a file that %s is INVALID_ARGUMENT, and its text is not shown", async (_, text, extension, message) => {
  write(`fnmesh.config.${extension}`, text);
  const error = await load().then(
    () => undefined,
    (thrown: unknown) => thrown as Error,
  );
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });
  expect(error!.message).not.toMatch(/canary"|base64/);
});
