import { expect, test } from "vitest";
import { stackFrames } from "./error-view.ts";

const theirs = "    at async bad.ts:3:57";
const own = "    at us (fnmesh-job-11e659cda344.mjs:1643:16)";
const nodes = "    at node:internal/main:3:1";
const stackOf = (...frames: string[]) => ["Error: boom", ...frames].join("\n");

test("fnmesh's own part of a job's code is not shown beside the person's", () => {
  expect(stackFrames(stackOf(own, theirs, own, nodes), "/home/ada")).toEqual(["  at async bad.ts:3:57"]);
});

test("where nothing leads to the person's lines, those of the bundle are shown", () => {
  expect(stackFrames(stackOf(own, nodes), "/home/ada")).toEqual([
    "  at us (fnmesh-job-11e659cda344.mjs:1643:16)",
  ]);
});

test("a file of theirs may be called as they like", () => {
  const file = "    at run (/home/ada/fnmesh-words/job.mjs:1:2)";
  expect(stackFrames(stackOf(file), "/home/ada")).toEqual(["  at run (fnmesh-words/job.mjs:1:2)"]);
});
