import { expect, test } from "vitest";
import { sizesOf } from "./sizes.ts";

const limits = {
  memoryMb: { least: 128, most: 1024, preset: 256 },
  timeoutMs: { most: 60_000, preset: 30_000 },
} as never;
const nothing = { memoryMb: undefined, timeoutMs: undefined };

test("a worker is as large as what is deployed, unless a size is asked for", () => {
  const picked = { platform: { limits }, settings: { memoryMb: 768, region: "x" } };
  expect(sizesOf(nothing, picked)).toEqual({ memoryMb: 768, timeoutMs: 30_000 });
  expect(sizesOf({ memoryMb: 1024, timeoutMs: 5_000 }, picked)).toEqual({ memoryMb: 1024, timeoutMs: 5_000 });
});

test("on this machine it has what the help says", () => {
  expect(sizesOf(nothing, undefined)).toEqual({ memoryMb: 512, timeoutMs: 900_000 });
});
