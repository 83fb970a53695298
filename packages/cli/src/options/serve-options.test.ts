import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { parseServeOptions } from "./serve-options.ts";

const folder = mkdtempSync(join(tmpdir(), "fnmesh-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const raw = { host: "127.0.0.1", port: "0", apiPort: "0" };
const codeOf = (act: () => unknown) => {
  try {
    act();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return undefined;
};

test("the tokens leave the environment, so that no worker inherits it", () => {
  const environment = {
    FNMESH_TOKEN: "0123456789abcdef",
    FNMESH_RELAY_TOKEN: "fedcba9876543210",
    HOME: "/home/ada",
  };
  expect(parseServeOptions(raw, environment)).toEqual({
    host: "127.0.0.1",
    port: 0,
    apiPort: 0,
    token: "0123456789abcdef",
    relayToken: "fedcba9876543210",
    config: undefined,
  });
  expect(environment).toEqual({ HOME: "/home/ada" });
});

test("a token file goes before the variable, and its line end does not count", () => {
  const tokenFile = join(folder, "token");
  writeFileSync(tokenFile, "from-the-file\n");
  expect(parseServeOptions({ ...raw, tokenFile }, { FNMESH_TOKEN: "x" }).token).toBe("from-the-file");
  expect(parseServeOptions({ ...raw, relayTokenFile: tokenFile }, {}).relayToken).toBe("from-the-file");
});

test("an absent or empty token file and a port out of bounds are told as such", () => {
  const empty = join(folder, "empty");
  writeFileSync(empty, "\n");
  expect(codeOf(() => parseServeOptions({ ...raw, tokenFile: empty }, {}))).toBe("USAGE");
  expect(codeOf(() => parseServeOptions({ ...raw, tokenFile: join(folder, "absent") }, {}))).toBe("USAGE");
  expect(codeOf(() => parseServeOptions({ ...raw, apiPort: "70000" }, {}))).toBe("LIMIT");
  expect(parseServeOptions(raw, { FNMESH_TOKEN: "" }).token).toBeUndefined();
});
