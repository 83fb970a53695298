import { expect, test } from "vitest";
import { LeftPaths } from "./left-paths.ts";

test("each path has what was sent while the pair was on it, however often it was", () => {
  const left = new LeftPaths();
  expect(left.list()).toEqual([]);
  left.leave("relay", 100);
  left.leave("direct", 100);
  left.leave("relay", 130);
  left.leave("redis", 150);
  expect(left.list()).toEqual([
    { path: "relay", sentBytes: 130 },
    { path: "redis", sentBytes: 20 },
  ]);
});
