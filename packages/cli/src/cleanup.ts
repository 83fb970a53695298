// What was opened is closed in the reverse order, however a command ends, and nothing of it can hold the exit up.

import type { Log } from "@fnmesh/core";

/** Ending workers takes milliseconds; what takes this long hangs, and the process's end will end it. */
const presetMostCloseMs = 3_000;

type Close = () => Promise<void> | void;

export interface Cleanup {
  /** `close` is called by `run`, or at once if that has begun. */
  add(name: string, close: Close): void;
  /** Closes everything, last first. Never rejects. May be called twice. */
  run(): Promise<void>;
}

/** `mostCloseMs` bounds each close. */
export function createCleanup(log: Log, mostCloseMs = presetMostCloseMs): Cleanup {
  const open: { name: string; close: Close }[] = [];
  let done: Promise<void> | undefined;

  const closeOne = async (name: string, close: Close) => {
    const failure = await failureOf(close, mostCloseMs);
    if (failure !== undefined) log.warn(`closing the ${name}: ${failure}`);
  };
  const closeAll = async () => {
    for (let next = open.pop(); next !== undefined; next = open.pop()) await closeOne(next.name, next.close);
  };
  return {
    add(name, close) {
      if (done === undefined) open.push({ name, close });
      else done = done.then(() => closeOne(name, close));
    },
    run() {
      done ??= closeAll();
      return done;
    },
  };
}

/** What went wrong, or undefined. */
function failureOf(close: Close, mostMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    // A timer that keeps the process alive: without it, Node would end in the middle of a close that waits for nothing.
    const timer = setTimeout(() => resolve(`gave up after ${mostMs} ms`), mostMs);
    const settle = (failure: string | undefined) => {
      clearTimeout(timer);
      resolve(failure);
    };
    Promise.resolve()
      .then(close)
      .then(
        () => settle(undefined),
        (error: unknown) => settle(error instanceof Error ? error.message : String(error)),
      );
  });
}
