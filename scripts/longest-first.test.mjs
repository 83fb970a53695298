import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { inRoot } from "./lib/checkout.mjs";
import LongestFirst, { longest } from "./lib/longest-first.ts";

const file = (path, groupOrder) => ({
  moduleId: inRoot(path),
  project: { name: `tier ${groupOrder}`, config: { isolate: true, sequence: { groupOrder } } },
});
const context = {
  config: { root: inRoot(".") },
  cache: { getFileTestResults: () => undefined, getFileStats: () => ({ size: 1 }) },
};

test("long files are there, and come first in their tier", async () => {
  expect(longest.filter((path) => !existsSync(inRoot(path)))).toEqual([]);
  const files = [file("b.test.ts", 1), file(longest[1], 1), file(longest[0], 1), file("a.test.ts", 0)];
  const sorted = await new LongestFirst(context).sort(files);
  expect(sorted).toEqual([files[3], files[2], files[1], files[0]]);
});
