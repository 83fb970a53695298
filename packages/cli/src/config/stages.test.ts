// Which stage is meant, what it changes, and where each setting is from.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Flags } from "./choices.ts";
import type { FnmeshConfig } from "./define-config.ts";
import { loadConfig } from "./load-config.ts";
import { fileOfStage } from "./stages.ts";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "fnmesh-stages-"));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const file: FnmeshConfig = {
  provider: "aws",
  aws: { region: "eu-central-1", memoryMb: 512 },
  stores: { redis: { url: "redis://common" }, memcached: { url: "memcached://common" } },
  stages: {
    prod: {
      provider: "google",
      orchestrator: { url: "https://prod.example" },
      aws: { memoryMb: 1024 },
      stores: { redis: { url: "redis://prod" } },
    },
  },
};

const load = (flags: Flags = {}, environment: Record<string, string> = {}, content: object = file) => {
  writeFileSync(join(cwd, "fnmesh.config.json"), JSON.stringify(content));
  return loadConfig({ folder: cwd, cwd, environment, flags });
};
const shown = async (...args: Parameters<typeof load>) => {
  const { entries } = await load(...args);
  return Object.fromEntries(
    entries.map(({ name, value, from }) => [
      name,
      `${value} by ${from.kind}${"stage" in from ? ` of ${from.stage}` : ""}`,
    ]),
  );
};

test("a stage's section goes before the common one field by field, a store as a whole", () => {
  const { config } = fileOfStage(file, "f", "prod");
  expect(config.aws).toEqual({ region: "eu-central-1", memoryMb: 1024 });
  expect(config.stores).toEqual({ redis: { url: "redis://prod" }, memcached: { url: "memcached://common" } });
  expect(config).not.toHaveProperty("stages");
  expect(fileOfStage(file, "f", "dev").config.aws).toEqual(file.aws);
  expect(fileOfStage(file, "f", "constructor").config.aws).toEqual(file.aws);
});

test("a flag goes before a variable, a variable before the file, the file before the preset", async () => {
  const variables = { FNMESH_STAGE: "prod", FNMESH_PROVIDER: "azure", FNMESH_ORCHESTRATOR: "http://v" };
  expect(await shown({}, {}, {})).toEqual({ stage: "dev by default", provider: "local by default" });
  expect(await shown()).toMatchObject({ stage: "dev by default", provider: "aws by file" });
  expect(await shown({}, {}, { ...file, stage: "prod" })).toMatchObject({
    stage: "prod by file",
    provider: "google by file of prod",
    "orchestrator.url": "https://prod.example by file of prod",
    "stores.redis.url": "redis://prod by file of prod",
    "stores.memcached.url": "memcached://common by file",
  });
  expect(await shown({}, variables)).toMatchObject({
    stage: "prod by environment",
    provider: "azure by environment",
    "orchestrator.url": "http://v by environment",
  });
  expect(await shown({ stage: "qa", provider: "ibm", orchestrator: "http://f" }, variables)).toMatchObject({
    stage: "qa by flag",
    provider: "ibm by flag",
    "orchestrator.url": "http://f by flag",
  });
  expect(await shown({}, { FNMESH_STAGE: "" })).toMatchObject({ stage: "dev by default" });
});

test.each([
  ["https://ada:canary@host", "holds credentials: they have fields of their own"],
  ["canary", "is no URL: it begins with https:// or http:// and a host"],
  ["https://host/?token=canary", "has options (? or #) that fnmesh does not know"],
])("an orchestrator at %s is refused without its value", async (url, problem) => {
  const refusal = (place: string) => ({ code: "INVALID_ARGUMENT", message: `${place} ${problem}` });
  await expect(load({ orchestrator: url })).rejects.toMatchObject(refusal("--orchestrator"));
  await expect(load({}, { FNMESH_ORCHESTRATOR: url })).rejects.toMatchObject(refusal("FNMESH_ORCHESTRATOR"));
  await expect(load({}, {}, { orchestrator: { url } })).rejects.toMatchObject(refusal("orchestrator.url"));
});

test.each<[Flags, Record<string, string>, string]>([
  [{ stage: "Prod" }, {}, "--stage"],
  [{}, { FNMESH_STAGE: "a/b" }, "FNMESH_STAGE"],
  [{ stage: "a".repeat(21) }, {}, "--stage"],
  [{ stage: "-a" }, {}, "--stage"],
  [{ stage: "a-" }, {}, "--stage"],
])("the stage of %j, %j cannot be part of names", async (flags, environment, place) => {
  await expect(load(flags, environment)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: `${place} is no name of a stage`,
  });
});

test.each([
  [{ stages: { prod: { stage: "x" } } }, /stages\.prod: .*stage/],
  [{ stages: { prod: { redis: {} } } }, /stages\.prod: .*redis/],
  [{ aws: "eu-central-1" }, /aws: /],
  [{ orchestrator: "https://x" }, /orchestrator: /],
])("%j is refused by the field's name", async (content, message) => {
  await expect(load({}, {}, content)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(message),
  });
});

test("an orchestrator reads input in S3 if it has what that takes", async () => {
  const s3 = async (environment: Record<string, string>) => {
    writeFileSync(join(cwd, "fnmesh.config.json"), "{}");
    return (await loadConfig({ folder: cwd, cwd, environment, readsS3: "if-set" })).s3;
  };
  const keys = { AWS_ACCESS_KEY_ID: "id", AWS_SECRET_ACCESS_KEY: "canary" };
  expect(await s3({})).toBeUndefined();
  expect(await s3(keys)).toBeUndefined();
  expect(await s3({ AWS_ACCESS_KEY_ID: "id", AWS_REGION: "eu-central-1" })).toBeUndefined();
  expect(await s3({ ...keys, AWS_REGION: "eu-central-1" })).toMatchObject({ region: "eu-central-1" });
  expect(
    await s3({ ...keys, FNMESH_S3_ENDPOINT: "http://127.0.0.1:9000", FNMESH_S3_BUCKET: "bucket" }),
  ).toMatchObject({
    region: "us-east-1",
  });
});

test("for a job that runs elsewhere the stores of this machine need not be whole", async () => {
  const content = { stores: { s3: { bucket: "shuffles" } } };
  writeFileSync(join(cwd, "fnmesh.config.json"), JSON.stringify(content));
  const asked = { folder: cwd, cwd, environment: {}, readsS3: true, mayRunElsewhere: true };
  const elsewhere = await loadConfig({ ...asked, flags: { orchestrator: "http://there" } });
  expect(elsewhere).toMatchObject({ stores: {}, variables: [], orchestrator: "http://there" });
  await expect(loadConfig(asked)).rejects.toThrow("stores.s3.region is not set");
});
