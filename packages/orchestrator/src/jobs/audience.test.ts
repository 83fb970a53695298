import { createTestLog, createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { Audience } from "./audience.ts";
import type { JobEvent, JobReport, JobSnapshot } from "./job.ts";

function setUp() {
  const clock = createVirtualClock();
  const log = createTestLog();
  let pictures = 0;
  const audience = new Audience(clock, log, () => ({ elapsedMs: ++pictures }) as JobSnapshot);
  const watch = () => {
    const events: JobEvent[] = [];
    return { events, leave: audience.subscribe((event) => events.push(event)) };
  };
  return { clock, log, audience, watch };
}
const report = { result: 1 } as JobReport;
const types = (events: readonly JobEvent[]) => events.map(({ type }) => type);

test("snapshots come at most ten times a second, however much changes", async () => {
  const { clock, audience, watch } = setUp();
  const { events } = watch();
  for (let change = 0; change < 1000; change++) {
    audience.changed();
    await clock.advance(1);
  }
  expect(events.length).toBeGreaterThanOrEqual(10);
  expect(events.length).toBeLessThanOrEqual(11);
});

test("when nothing changes, or nobody watches, nothing is shown", async () => {
  const { clock, audience, watch } = setUp();
  audience.changed();
  expect(clock.pendingTimers()).toEqual([]);
  const { events } = watch();
  await clock.advance(1000);
  expect(types(events)).toEqual(["snapshot"]);
});

test("the last picture and the end come last, to those who still watch, and once", async () => {
  const { clock, audience, watch } = setUp();
  const [stays, leaves] = [watch(), watch()];
  leaves.leave();
  audience.end(report);
  audience.changed();
  await clock.advance(1000);
  expect(types(stays.events)).toEqual(["snapshot", "end"]);
  expect(leaves.events).toEqual([]);
  expect(clock.pendingTimers()).toEqual([]);
});

test("who comes after the end is told of the end", async () => {
  const { audience, watch } = setUp();
  audience.end(report);
  const { events } = watch();
  await Promise.resolve();
  expect(events).toEqual([{ type: "end", report }]);
});

test("a watcher that throws is told no more, and the others are", () => {
  const { audience, log, watch } = setUp();
  audience.subscribe(() => {
    throw new Error("a defect");
  });
  const { events } = watch();
  for (const message of ["a", "b"]) audience.tell({ type: "log", rank: 0, level: "info", message });
  expect(types(events)).toEqual(["log", "log"]);
  expect(log.messages("error")).toHaveLength(1);
});
