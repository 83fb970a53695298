import { describe, expect, test } from "vitest";
import type { JobEvent } from "../jobs/job.ts";
import { EventQueue } from "./event-queue.ts";
import { snapshotOf } from "./testing/fake-orchestrator.ts";

const log = (message: string): JobEvent => ({ type: "log", rank: 0, level: "info", message });
const snapshot = (elapsedMs: number): JobEvent => ({
  type: "snapshot",
  snapshot: { ...snapshotOf("a", { name: "a", workers: 1 }), elapsedMs },
});

/** Short names of what waits, in order. */
const names = (queue: EventQueue): string[] =>
  queue.takeAll().map(({ job, event }) => {
    if (event.type === "log") return `${job}:${event.message}`;
    if (event.type === "snapshot") return `${job}:at ${event.snapshot.elapsedMs}`;
    if (event.type === "dropped") return `${job}:dropped ${event.logs}`;
    return `${job}:end`;
  });

describe("the event queue", () => {
  test("keeps the order of what it keeps", () => {
    const queue = new EventQueue(10);
    queue.push("a", log("1"));
    queue.push("a", snapshot(5));
    queue.push("b", log("2"));
    expect(names(queue)).toEqual(["a:1", "a:at 5", "b:2"]);
    expect(queue.isEmpty).toBe(true);
  });

  test("keeps each job's newest snapshot, at its newer place", () => {
    const queue = new EventQueue(10);
    queue.push("a", snapshot(1));
    queue.push("b", snapshot(2));
    queue.push("a", log("x"));
    queue.push("a", snapshot(3));
    expect(names(queue)).toEqual(["b:at 2", "a:x", "a:at 3"]);
  });

  test("drops the oldest logs and says how many of which job", () => {
    const queue = new EventQueue(2);
    for (const text of ["1", "2", "3"]) queue.push("a", log(text));
    queue.push("b", log("4"));
    queue.push("b", log("5"));
    expect(names(queue)).toEqual(["a:dropped 3", "b:4", "b:5"]);
    queue.push("a", log("6"));
    expect(names(queue)).toEqual(["a:6"]);
  });

  test("stays small however much is pushed", () => {
    const queue = new EventQueue(3);
    for (let at = 0; at < 1000; at += 1) {
      queue.push("a", log(String(at)));
      queue.push("a", snapshot(at));
    }
    expect(names(queue)).toEqual(["a:dropped 997", "a:997", "a:998", "a:999", "a:at 999"]);
  });
});
