// Settings of stores: which value is in force, what is shown of it, and what is refused in which words.

import { expect, test } from "vitest";
import { describe as describeMessage } from "./config-file.ts";
import type { StoresConfig } from "./define-config.ts";
import { hideStores } from "./load-config.ts";
import { mergeStores } from "./merge.ts";
import { checkConfig } from "./schema.ts";

const file = (stores: StoresConfig) => ({ name: "/p/fnmesh.config.ts", stores });
const keys = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "canary" };
const s3InFile = {
  endpoint: "http://127.0.0.1:9000",
  bucket: "from-file",
  accessKeyId: "file-id",
  secretAccessKey: "canary-of-file",
  sessionToken: "canary-token",
};

test("nothing set, nothing in force; AWS's own variables alone set nothing up", () => {
  expect(mergeStores({ environment: {} }).stores).toEqual({});
  expect(mergeStores({ environment: { ...keys, AWS_REGION: "eu-central-1" } })).toEqual({
    stores: {},
    entries: [],
    variables: [],
  });
});

test.each<[string, StoresConfig | undefined, Record<string, string>, object]>([
  ["the file", { redis: { url: "redis://a" } }, {}, { redis: { url: "redis://a" } }],
  ["the environment", undefined, { FNMESH_REDIS_URL: "redis://b" }, { redis: { url: "redis://b" } }],
  [
    "the environment before the file",
    { redis: { url: "redis://a" } },
    { FNMESH_REDIS_URL: "redis://b" },
    { redis: { url: "redis://b" } },
  ],
  [
    "the file, where a variable is empty",
    { memcached: { url: "memcached://a:1" } },
    { FNMESH_MEMCACHED_URL: "" },
    { memcached: { url: "memcached://a:1" } },
  ],
])("in force is %s", (_, stores, environment, expected) => {
  expect(mergeStores({ file: stores && file(stores), environment }).stores).toEqual(expected);
});

test("both layouts of S3 get the same settings, with AWS's variables and a region for foreign endpoints", () => {
  const { stores } = mergeStores({
    environment: { ...keys, FNMESH_S3_BUCKET: "bucket", FNMESH_S3_ENDPOINT: "http://127.0.0.1:9000" },
  });
  const settings = {
    endpoint: "http://127.0.0.1:9000",
    bucket: "bucket",
    region: "us-east-1",
    accessKeyId: "AKID",
    secretAccessKey: "canary",
  };
  expect(stores).toEqual({ "s3-naive": settings, "s3-combined": settings });
  const aws = {
    ...keys,
    FNMESH_S3_BUCKET: "bucket",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "us-west-2",
  };
  expect(mergeStores({ environment: aws }).stores["s3-naive"]?.region).toBe("eu-west-1");
  const preset = { ...keys, FNMESH_S3_BUCKET: "bucket", AWS_DEFAULT_REGION: "us-west-2" };
  expect(mergeStores({ environment: preset }).stores["s3-naive"]?.region).toBe("us-west-2");
});

test("credentials come from one place: a token of the file does not go with a key of the environment", () => {
  const { stores, entries } = mergeStores({ file: file({ s3: s3InFile }), environment: keys });
  expect(stores["s3-combined"]).toMatchObject({ accessKeyId: "AKID", bucket: "from-file" });
  expect(stores["s3-combined"]).not.toHaveProperty("sessionToken");
  expect(entries.map(({ name, from }) => [name, from.kind])).toEqual([
    ["stores.s3.endpoint", "file"],
    ["stores.s3.bucket", "file"],
    ["stores.s3.accessKeyId", "environment"],
    ["stores.s3.secretAccessKey", "environment"],
    ["stores.s3.region", "default"],
  ]);
});

test("half a credential in the environment is not filled up from the file", () => {
  const half = () =>
    mergeStores({ file: file({ s3: s3InFile }), environment: { AWS_ACCESS_KEY_ID: "AKID" } });
  expect(half).toThrow("stores.s3.secretAccessKey is not set");
});

test("what is shown holds no secret", () => {
  const { entries } = mergeStores({
    file: file({ s3: s3InFile, memcached: { url: "memcached://cache:11211" } }),
    environment: { FNMESH_REDIS_URL: "rediss://ada:canary%21@cache:6380/2" },
  });
  expect(JSON.stringify(entries)).not.toContain("canary");
  expect(Object.fromEntries(entries.map(({ name, value }) => [name, value]))).toEqual({
    "stores.redis.url": "rediss://ada:***@cache:6380/2",
    "stores.memcached.url": "memcached://cache:11211",
    "stores.s3.endpoint": "http://127.0.0.1:9000",
    "stores.s3.bucket": "from-file",
    "stores.s3.region": "us-east-1",
    "stores.s3.accessKeyId": "***",
    "stores.s3.secretAccessKey": "***",
    "stores.s3.sessionToken": "***",
  });
});

test.each<[Record<string, string>, RegExp]>([
  [{ FNMESH_REDIS_URL: "canary" }, /^FNMESH_REDIS_URL is no URL: it begins with redis:\/\/ or rediss:\/\//],
  [{ FNMESH_REDIS_URL: "http://:canary@host" }, /^FNMESH_REDIS_URL does not begin with redis:/],
  [{ FNMESH_REDIS_URL: "redis://h/canary" }, /^FNMESH_REDIS_URL has a database that is no number$/],
  [{ FNMESH_REDIS_URL: "redis://h?password=canary" }, /^FNMESH_REDIS_URL has options/],
  [{ FNMESH_REDIS_URL: "redis:///canary" }, /^FNMESH_REDIS_URL names no host$/],
  [{ FNMESH_MEMCACHED_URL: "redis://canary" }, /^FNMESH_MEMCACHED_URL does not begin with memcached:/],
  [{ FNMESH_MEMCACHED_URL: "memcached://:canary@h" }, /^FNMESH_MEMCACHED_URL has a user or a password/],
  [{ FNMESH_S3_BUCKET: "canary bucket", ...keys }, /^FNMESH_S3_BUCKET is not a bucket's name$/],
  [{ FNMESH_S3_BUCKET: "bucket", ...keys }, /^stores\.s3\.region is not set$/],
  [{ FNMESH_S3_ENDPOINT: "http://a", ...keys }, /^stores\.s3\.bucket is not set$/],
  [
    { FNMESH_S3_ENDPOINT: "http://k:canary@a", FNMESH_S3_BUCKET: "bucket", ...keys },
    /ENDPOINT holds credent/,
  ],
  [{ FNMESH_S3_ENDPOINT: "http://a", FNMESH_S3_BUCKET: "bucket" }, /^stores\.s3\.accessKeyId is not set$/],
])("%j is refused by the field's name, without the value", (environment, message) => {
  let error: unknown;
  try {
    mergeStores({ environment });
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) });
  expect(JSON.stringify((error as { toRecord(): object }).toRecord())).not.toContain("canary");
});

test("input in S3 takes AWS's own variables, or the store's service without its bucket", () => {
  const aws = { ...keys, AWS_REGION: "eu-central-1", AWS_SESSION_TOKEN: "canary-token" };
  const fromAws = mergeStores({ environment: aws, readsS3: true });
  expect(fromAws).toMatchObject({
    stores: {},
    s3: {
      region: "eu-central-1",
      accessKeyId: "AKID",
      secretAccessKey: "canary",
      sessionToken: "canary-token",
    },
  });
  // They are in force, so workers do not inherit them.
  expect([...fromAws.variables].sort()).toEqual(Object.keys(aws).sort());
  const here = mergeStores({
    environment: { ...keys, FNMESH_S3_ENDPOINT: "http://a:9000" },
    readsS3: true,
  });
  expect(here.stores).toEqual({});
  expect(here.s3).toEqual({
    endpoint: "http://a:9000",
    region: "us-east-1",
    accessKeyId: "AKID",
    secretAccessKey: "canary",
  });
  const both = mergeStores({ file: file({ s3: s3InFile }), environment: {}, readsS3: true });
  expect(both.stores["s3-combined"]).toEqual({ ...both.s3, bucket: "from-file" });
  expect(both.s3).not.toHaveProperty("bucket");
  expect(mergeStores({ file: file({ s3: s3InFile }), environment: {} })).not.toHaveProperty("s3");
});

test.each<[Record<string, string>, RegExp, RegExp]>([
  [{}, /^stores\.s3\.region is not set, and the input is in S3$/, /AWS_REGION/],
  [
    { AWS_REGION: "eu-west-1" },
    /^stores\.s3\.accessKeyId is not set, and the input is in S3$/,
    /AWS_ACCESS_KEY_ID/,
  ],
  [
    { FNMESH_S3_BUCKET: "bucket", FNMESH_S3_ENDPOINT: "http://a", AWS_ACCESS_KEY_ID: "AKID" },
    /^stores\.s3\.secretAccessKey is not set, and the input is in S3$/,
    /AWS_SECRET_ACCESS_KEY/,
  ],
])("input in S3 with %j alone is refused", (environment, message, hint) => {
  const merge = () => mergeStores({ environment, readsS3: true });
  expect(merge).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringMatching(hint) }),
  );
  expect(merge).toThrow(message);
});

test.each<[string, unknown, string]>([
  ["an unknown field", { store: {} }, 'the default export: Unrecognized key: "store"'],
  ["a wrong type", { stores: { redis: { url: 6379 } } }, "stores.redis.url: "],
  ["a text instead of an object", { stores: { redis: "redis://:canary@h" } }, "stores.redis: "],
  ["an unknown store", { stores: { s3: { secret: "canary" } } }, 'stores.s3: Unrecognized key: "secret"'],
  ["a negative count", { relays: -1 }, "relays: "],
  ["no object at all", "canary", "the default export: "],
])("a file with %s is refused by the field's name", (_, value, message) => {
  const check = () => checkConfig(value, "fnmesh.config.ts");
  expect(check).toThrow(`fnmesh.config.ts is not right: ${message}`);
  expect(check).not.toThrow("canary");
});

test("a file's undefined values are absent ones", () => {
  const config = { stores: { redis: undefined, s3: { bucket: "b", region: undefined } }, priceAs: undefined };
  expect(checkConfig(config, "f")).toEqual({ stores: { s3: { bucket: "b" } } });
});

test("what esbuild says of a file is told without the file's own words", () => {
  const location = { line: 3, column: 4, lineText: 'password: "canary"', file: "f", length: 1 } as never;
  expect(describeMessage({ text: 'Expected "}" but found "\\"canary\\""', location })).toBe(
    'line 3, column 5: Expected "}" but found "…"',
  );
  expect(describeMessage({ text: 'Could not resolve "./absent.ts"', location })).toContain("./absent.ts");
});

test("workers inherit no secret that is in force, and keep AWS credentials that are the job's own", () => {
  const environment = {
    ...keys,
    FNMESH_REDIS_URL: "redis://:x@h",
    FNMESH_S3_BUCKET: "bucket",
    HOME: "/root",
  };
  const none = { ...environment };
  hideStores(none, { variables: [] });
  expect(none).toEqual({ ...keys, FNMESH_S3_BUCKET: "bucket", HOME: "/root" });
  const used = { ...environment };
  hideStores(used, { variables: Object.keys(keys) });
  expect(used).toEqual({ FNMESH_S3_BUCKET: "bucket", HOME: "/root" });
});
