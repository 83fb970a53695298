import { FnmeshError } from "@fnmesh/core";
import { afterEach, expect, it, vi } from "vitest";
import { createWorkforce } from "./waiting.ts";

const deferred = () => {
  let settle: { resolve: () => void; reject: (error: Error) => void } | undefined;
  const promise = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle! };
};

it("a workforce is at work while one of it waits for nothing", async () => {
  const { signal } = new AbortController();
  const workforce = createWorkforce();
  expect(workforce.isAtWork()).toBe(false);
  const [one, other] = [workforce.begin(signal), workforce.begin(signal)];
  const [first, second, third] = [deferred(), deferred(), deferred()];
  const waits = [one.during(first.promise), other.during(second.promise), other.during(third.promise)];
  expect(workforce.isAtWork()).toBe(false);
  second.resolve();
  await waits[1];
  expect(workforce.isAtWork()).toBe(false);
  first.reject(new Error("late"));
  await expect(waits[0]).rejects.toThrow("late");
  expect(workforce.isAtWork()).toBe(true);
  one.end();
  expect(workforce.isAtWork()).toBe(false);
  third.resolve();
  await waits[2];
  expect(workforce.isAtWork()).toBe(true);
  other.end();
  expect(workforce.isAtWork()).toBe(false);
});

const listeners = process.listeners("unhandledRejection");
afterEach(() => {
  process.removeAllListeners("unhandledRejection");
  for (const listener of listeners) process.on("unhandledRejection", listener);
});

it.each([
  ["PEER_LOST", new FnmeshError("PEER_LOST", "gone"), false, []],
  ["the job's end", new Error("another worker threw"), true, []],
  ["a defect of the job", new FnmeshError("INVALID_ARGUMENT", "no such rank"), false, ["no such rank"]],
])(
  "a rejection that nobody takes, by %s, is told as a process of its own would tell it",
  async (_, error, isOver, told) => {
    const seen = vi.fn();
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", (thrown: Error) => seen(thrown.message));
    const over = new AbortController();
    const { promise, reject } = deferred();
    void createWorkforce().begin(over.signal).during(promise);
    if (isOver) over.abort();
    reject(error);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.mock.calls.flat()).toEqual(told);
  },
);
