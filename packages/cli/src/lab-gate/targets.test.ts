import type { StoreSettings } from "@fnmesh/stores";
import { expect, test } from "vitest";
import { storesForLab, targetsOf, throughGate } from "./targets.ts";

const keys = { region: "us-east-1", bucket: "b", accessKeyId: "id", secretAccessKey: "canary" };
const s3 = (endpoint?: string) => {
  const settings = endpoint === undefined ? keys : { ...keys, endpoint };
  return { "s3-naive": settings, "s3-combined": settings };
};

test.each<[string, StoreSettings, object]>([
  ["usual ports", { redis: { url: "redis://h" } }, { redis: { host: "h", port: 6379 } }],
  [
    "Memcached's",
    { memcached: { url: "memcached://10.0.0.1" } },
    { memcached: { host: "10.0.0.1", port: 11_211 } },
  ],
  [
    "given ones, and IPv6",
    { redis: { url: "redis://[::1]:7000/1" } },
    { redis: { host: "::1", port: 7000 } },
  ],
  [
    "one store for both layouts",
    s3("http://127.0.0.1:9000/prefix"),
    { s3: { host: "127.0.0.1", port: 9000 } },
  ],
  ["HTTP's", s3("http://minio"), { s3: { host: "minio", port: 80 } }],
  ["none for TLS", { redis: { url: "rediss://h" }, ...s3("https://h") }, {}],
  ["none for AWS", s3(), {}],
])("a target has %s", (_, stores, targets) => {
  expect(Object.fromEntries(targetsOf(stores))).toEqual(targets);
});

test("the settings name the gate, and keep all else", () => {
  const stores = { redis: { url: "redis://ada:p%40ss@127.0.0.1/2" }, ...s3("http://127.0.0.1:9000/prefix") };
  const ports = new Map([
    ["redis", 1001],
    ["s3", 1002],
  ]);
  expect(throughGate(stores, "192.0.2.1", ports)).toEqual({
    redis: { url: "redis://ada:p%40ss@192.0.2.1:1001/2" },
    ...s3("http://192.0.2.1:1002/prefix"),
  });
  expect(throughGate(s3("http://127.0.0.1:9000"), "192.0.2.1", ports)).toEqual(s3("http://192.0.2.1:1002"));
});

test("a store behind TLS is left out of auto, and refused where it was asked for", () => {
  const stores = { redis: { url: "rediss://h" }, memcached: { url: "memcached://h" }, ...s3() };
  expect(storesForLab(stores, "auto")).toEqual({ memcached: { url: "memcached://h" } });
  expect(storesForLab(stores, ["memcached"])).toEqual({ memcached: { url: "memcached://h" } });
  expect(() => storesForLab(stores, ["memcached", "s3-naive"])).toThrow(
    "s3-naive over TLS cannot be reached",
  );
});
