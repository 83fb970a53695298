import type { StoreSettings } from "@fnmesh/stores";
import { expect, test } from "vitest";
import { placesOf } from "./places.ts";
import { storesOfRun, withInput } from "./stores-of-run.ts";

const s3 = {
  endpoint: "http://s3.here:9000/",
  region: "us-east-1",
  bucket: "b",
  accessKeyId: "canary-id",
  secretAccessKey: "canary",
};
const all: StoreSettings = {
  redis: { url: "rediss://ada:canary@cache:6380/2?x=canary" },
  memcached: { url: "memcached://cache" },
  "s3-naive": s3,
  "s3-combined": s3,
};

test.each<[string, boolean, string[], string[]]>([
  ["auto", false, ["memcached", "redis", "s3-combined"], []],
  ["auto", true, ["memcached", "s3-combined"], ["redis"]],
  ["direct,relay", false, [], []],
  ["s3-naive", true, ["s3-naive"], []],
])("the channel %s, in a lab: %s, uses %j", (channel, inLab, used, left) => {
  const run = storesOfRun(channel, all, inLab);
  expect([Object.keys(run.stores).sort(), run.left]).toEqual([used, left]);
});

test("a store that is not set up, or not to be had in a lab, is refused", () => {
  expect(() => storesOfRun("redis", {}, false)).toThrow("the channel redis has no store to use");
  expect(() => storesOfRun("direct,redis", all, true)).toThrow("redis over TLS cannot be reached");
});

test("a lab's gate leads to the S3 of the input, too", () => {
  const { bucket: _, ...input } = s3;
  const { redis } = all;
  expect(withInput({ redis: redis! }, undefined)).toEqual({ redis });
  expect(withInput({ redis: redis! }, input)).toEqual({ redis, "s3-combined": { ...input, bucket: "" } });
  expect(withInput({ "s3-naive": s3 }, input)).toMatchObject({ "s3-naive": s3 });
  expect(withInput(all, input)).toEqual(all);
  for (const endpoint of ["https://s3.here", undefined]) {
    const { endpoint: __, ...onAws } = input;
    expect(() => withInput(all, endpoint === undefined ? onAws : { ...input, endpoint })).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(/input over TLS/) }),
    );
  }
});

test("places tell stores apart and hold no secret", () => {
  const { endpoint: _, ...onAws } = s3;
  expect(placesOf({ ...all, "s3-naive": onAws })).toEqual({
    redis: "rediss://cache:6380/2",
    memcached: "memcached://cache",
    "s3-naive": "aws us-east-1 b",
    "s3-combined": "http://s3.here:9000 b",
  });
});
