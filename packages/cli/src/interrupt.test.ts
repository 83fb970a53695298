import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import { watchInterrupts } from "./interrupt.ts";

function watched() {
  const source = new EventEmitter();
  let time = 0;
  let forced = 0;
  const clock = { now: () => time, setTimer: () => ({ cancel() {} }) };
  const interrupts = watchInterrupts({ source, clock, force: () => forced++ });
  return {
    interrupts,
    source,
    forced: () => forced,
    later: (ms: number) => {
      time += ms;
    },
  };
}

test("the first interrupt cancels, with the signal's name; the second forces", () => {
  const { interrupts, source, forced, later } = watched();
  source.emit("SIGTERM", "SIGTERM");
  expect(interrupts.signal.reason).toMatchObject({ code: "CANCELLED", message: "interrupted by SIGTERM" });
  expect(forced()).toBe(0);
  later(400);
  source.emit("SIGINT", "SIGINT");
  expect(forced()).toBe(1);
});

test("one Ctrl-C that comes by three ways is one", () => {
  const { interrupts, source, forced, later } = watched();
  source.emit("SIGINT", "SIGINT");
  later(20);
  interrupts.interrupt("the outer process");
  later(220);
  source.emit("SIGINT", "SIGINT");
  expect(interrupts.signal.aborted).toBe(true);
  expect(forced()).toBe(0);
});

test("after close nobody listens", () => {
  const { interrupts, source } = watched();
  interrupts.close();
  interrupts.close();
  expect(source.eventNames()).toEqual([]);
});
