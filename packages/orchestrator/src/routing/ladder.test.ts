import { expect, test } from "vitest";
import { ladderOf } from "./ladder.ts";

const stores = ["redis", "s3-naive", "s3-combined"] as const;

test.each([
  ["auto", undefined, ["direct", "relay", "redis", "s3-combined"]],
  ["auto", "works", ["direct", "relay", "redis", "s3-combined"]],
  ["auto", "unknown", ["direct", "relay", "redis", "s3-combined"]],
  ["auto", "fails", ["relay", "redis", "s3-combined"]],
  // Whoever names it knows better.
  ["direct,relay", "fails", ["direct", "relay"]],
  ["s3-naive", "fails", ["s3-naive"]],
] as const)("%s where punching %s", (channel, punching, ladder) => {
  expect(ladderOf(channel, stores, punching && { punching })).toEqual(ladder);
});

test("a store that is not set up says how to set it up", () => {
  expect(() => ladderOf("direct,redis", [])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", hint: expect.stringContaining("FNMESH_REDIS_URL") }),
  );
});
