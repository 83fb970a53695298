import type { Log } from "@fnmesh/core";
import { expect, test } from "vitest";
import { createCleanup } from "./cleanup.ts";

function cleanup(mostCloseMs?: number) {
  const warnings: string[] = [];
  const log: Log = { debug() {}, info() {}, warn: (message) => warnings.push(message), error() {} };
  return { ...createCleanup(log, mostCloseMs), warnings };
}

test("what was opened last is closed first, once", async () => {
  const { add, run } = cleanup();
  const closed: string[] = [];
  add("lab", async () => void closed.push("lab"));
  add("orchestrator", () => void closed.push("orchestrator"));
  await Promise.all([run(), run()]);
  await run();
  expect(closed).toEqual(["orchestrator", "lab"]);
});

test("one that fails is told of and does not keep the others open", async () => {
  const { add, run, warnings } = cleanup();
  let closed = false;
  add("lab", () => {
    closed = true;
  });
  add("orchestrator", () => Promise.reject(new Error("no")));
  await run();
  expect(closed).toBe(true);
  expect(warnings).toEqual(["closing the orchestrator: no"]);
});

test("one that hangs is given up", async () => {
  const { add, run, warnings } = cleanup(1);
  add("provider", () => new Promise(() => {}));
  await run();
  expect(warnings).toEqual(["closing the provider: gave up after 1 ms"]);
});

test("what is added after the end is closed too", async () => {
  const { add, run } = cleanup();
  await run();
  let closed = false;
  add("late", () => {
    closed = true;
  });
  await run();
  expect(closed).toBe(true);
});
