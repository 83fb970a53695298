import { EventEmitter } from "node:events";
import type { Clock } from "@fnmesh/core/internal";
import type { JobSnapshot } from "@fnmesh/orchestrator";
import { expect, test } from "vitest";
import { plainView } from "./plain-view.ts";
import type { ViewStream } from "./progress-view.ts";
import { terminalView } from "./terminal-view.ts";

const base: JobSnapshot = {
  id: "j1",
  name: "count",
  status: "launching",
  workers: { total: 2, launched: 1, joined: 0, finished: 0 },
  stages: [],
  pairs: { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 },
  bytes: { direct: 0, relay: 0, store: 0 },
  cost: { currency: "USD", total: 0.00214, platform: "aws", title: "AWS x86", comparison: true },
  elapsedMs: 5,
};

function fakeStream(size: { columns?: number; rows?: number } = {}) {
  const emitter = new EventEmitter();
  let written = "";
  const stream = Object.assign(emitter, size, { isTTY: size.columns !== undefined, write });
  function write(text: string) {
    written += text;
  }
  const take = () => {
    const text = written;
    written = "";
    return text;
  };
  return { stream: stream as unknown as ViewStream & EventEmitter & { columns: number }, take };
}

function fakeClock() {
  const timers = new Set<{ at: number; callback: () => void }>();
  let time = 0;
  const clock: Clock = {
    now: () => time,
    setTimer(delayMs, callback) {
      const timer = { at: time + delayMs, callback };
      timers.add(timer);
      return { cancel: () => timers.delete(timer) };
    },
  };
  const advance = (ms: number) => {
    time += ms;
    for (const timer of [...timers].filter(({ at }) => at <= time)) {
      timers.delete(timer);
      timer.callback();
    }
  };
  return { clock, advance, pending: () => timers.size };
}

test("without a terminal: phases, changes and logs are lines, in order, and no more", () => {
  const { stream, take } = fakeStream();
  const { clock, advance, pending } = fakeClock();
  let snapshot = base;
  const view = plainView({ stream, clock });
  view.phase("bundling job.ts");
  view.follow({ snapshot: () => snapshot });
  expect(take()).toBe("bundling job.ts\nlaunching 2 workers\n");
  advance(200);
  advance(200);
  expect(take()).toBe("");
  snapshot = { ...base, status: "running", elapsedMs: 100 };
  view.log("[0] hello");
  expect(take()).toBe("running: all 2 workers joined after 0.10 s\n[0] hello\n");
  snapshot = { ...snapshot, stages: [{ name: "map", tasks: 2, retries: 0, ms: 9, running: 0, progress: 1 }] };
  view.close();
  view.close();
  expect(take()).toBe("stage map begins\nstage map done: 2 tasks in 9 ms\n");
  expect(pending()).toBe(0);
});

const environment = { LANG: "C.UTF-8", NO_COLOR: "1" };

function terminal() {
  const { stream, take } = fakeStream({ columns: 60, rows: 24 });
  const fake = fakeClock();
  const exits = new Set<() => void>();
  const atExit = (restore: () => void) => {
    exits.add(restore);
    return () => void exits.delete(restore);
  };
  const view = terminalView({ stream, clock: fake.clock, environment, atExit });
  return { view, stream, take, exits, ...fake };
}

test("on a terminal the phase gives way to the job's frame, drawn again as time goes", () => {
  const { view, take, advance } = terminal();
  view.phase("bundling job.ts");
  expect(take()).toBe("\u001b[?25lbundling job.ts …\u001b[K\n\u001b[J");
  view.follow({ snapshot: () => base });
  expect(take()).toContain("\r\u001b[1Acount  launching");
  advance(100);
  expect(take()).toContain("\r\u001b[5Acount  launching");
  view.close();
});

test("a resize is drawn at once in the new width", () => {
  const { view, take, stream } = terminal();
  view.follow({ snapshot: () => base });
  take();
  stream.columns = 24;
  stream.emit("resize");
  expect(take()).toContain("workers  1 of 2 launched");
  view.close();
});

test("close gives the cursor back, stops the timer and listens no more", () => {
  const { view, take, exits, pending, stream } = terminal();
  view.follow({ snapshot: () => base });
  take();
  view.close();
  view.close();
  expect(take()).toBe("\r\u001b[5A\u001b[J\u001b[?25h");
  expect(pending()).toBe(0);
  expect(exits.size).toBe(0);
  expect(stream.listenerCount("resize")).toBe(0);
});

test("a process that ends without close still gives the cursor back", () => {
  const { view, take, exits } = terminal();
  view.phase("bundling");
  for (const restore of [...exits]) restore();
  expect(take()).toContain("\u001b[J\u001b[?25h");
});
