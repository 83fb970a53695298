import type { ErrorRecord } from "@fnmesh/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JobEvent } from "./job-events.ts";
import {
  broken,
  errorOf,
  exited,
  failed,
  join,
  of,
  play,
  result,
  running,
  settled,
  started,
} from "./testing/job-play.ts";

test("what fails before the start fails the job with nothing launched, and a start that comes late is none", () => {
  const error: ErrorRecord = { code: "STORE_UNAVAILABLE", message: "no store" };
  const { state, types } = play(2, [{ type: "trouble", error }, ...started]);
  expect(errorOf(state)).toEqual(error);
  expect(types).toEqual(["abort", "stop", "discard"]);
});

describe("a job that goes well", () => {
  test("launches all, commits when all results are in, dismisses, and ends when nothing runs", () => {
    const { state, types } = play(2, [
      ...running(2),
      result(1, "not this"),
      result(0, { answer: 42 }),
      { type: "committed" },
      { type: "stopped" },
    ]);
    expect(types).toEqual(["launch", "launch", "farewell", "farewell", "commit", "dismiss", "stop", "end"]);
    expect(state).toMatchObject({
      phase: "ended",
      outcome: { status: "succeeded", result: { answer: 42 } },
    });
  });

  test("runs when the last has joined, even if a worker joins before it is known to be launched", () => {
    const { state } = play(2, [...started, { type: "joined", ...of(1) }, ...join(0)]);
    expect(state.phase).toBe("running");
    expect(play(2, [{ type: "launched", ...of(1) }], state).state.phase).toBe("running");
  });

  test("is not disturbed by what happens after its results: cancel, a worker's exit", () => {
    const { state } = play(1, [
      ...running(1),
      result(0),
      { type: "cancel", reason: "late" },
      exited(0, "crashed"),
      { type: "committed" },
      { type: "stopped" },
    ]);
    expect(state).toMatchObject({ outcome: { status: "succeeded" } });
  });

  test("fails when the output cannot be committed, and throws the output away", () => {
    const error: ErrorRecord = { code: "OUTPUT_UNWRITABLE", message: "disk full" };
    const { state, types } = play(1, [...running(1), result(0), { type: "commit-failed", error }]);
    expect(errorOf(state)).toEqual(error);
    expect(types.slice(-3)).toEqual(["abort", "stop", "discard"]);
  });
});

describe("the cause that a failed job names", () => {
  const causes: [string, JobEvent[], Partial<ErrorRecord>][] = [
    ["what the job threw", [failed(1, "JOB_THREW"), settled], { code: "JOB_THREW", rank: 1, attempt: 0 }],
    [
      "the platform's word, when it comes after the broken connection",
      [broken(1), exited(1, "out-of-memory")],
      { code: "OUT_OF_MEMORY", rank: 1 },
    ],
    [
      "the platform's word, when it comes before the broken connection",
      [exited(1, "crashed"), broken(1)],
      { code: "WORKER_LOST", rank: 1, message: "worker 1 died: SIGKILL" },
    ],
    ["a loss, when the platform says nothing", [broken(1), settled], { code: "WORKER_LOST", rank: 1 }],
    ["the time limit", [exited(2, "timed-out")], { code: "WORKER_TIMEOUT", rank: 2 }],
    [
      "the death behind the peers' complaints",
      [failed(0, "PEER_LOST"), failed(2, "PEER_LOST"), broken(1), exited(1, "out-of-memory")],
      { code: "OUT_OF_MEMORY", rank: 1 },
    ],
    [
      "the death behind an error that the job made of a peer's loss",
      [failed(0, "JOB_THREW"), broken(1), exited(1, "crashed"), settled],
      { code: "WORKER_LOST", rank: 1 },
    ],
    [
      "the throw behind the peers' complaints",
      [failed(0, "PEER_LOST"), failed(1, "JOB_THREW"), settled],
      { code: "JOB_THREW", rank: 1 },
    ],
    [
      "the first complaint, when there is nothing else",
      [failed(0, "PEER_LOST"), failed(2, "CLOSED"), settled],
      {
        code: "PEER_LOST",
        rank: 0,
      },
    ],
    [
      "the worker's own account rather than its exit",
      [exited(1, "crashed"), failed(1, "JOB_THREW"), broken(1), settled],
      { code: "JOB_THREW", rank: 1 },
    ],
    [
      "a worker that died after its result, when peers still needed it",
      [result(1), exited(1, "out-of-memory"), failed(0, "PEER_LOST"), settled],
      { code: "OUT_OF_MEMORY", rank: 1 },
    ],
    [
      "the protocol, when the orchestrator cut the worker off",
      [{ type: "broken", ...of(1), detail: "an unknown message", refused: true }],
      { code: "PROTOCOL", rank: 1 },
    ],
  ];
  test.each(causes)("is %s", (_, events, error) => {
    const { state, effects } = play(3, [...running(3), ...events]);
    expect(errorOf(state)).toMatchObject(error);
    expect(effects).toContainEqual({ type: "abort", error: errorOf(state) });
  });

  test("is not settled before its time, and the wait is bounded", () => {
    const { state, effects } = play(2, [...running(2), failed(0, "PEER_LOST")]);
    expect(state.phase).toBe("settling");
    expect(effects.at(-1)).toEqual({ type: "settle", afterMs: 1000 });
  });

  test("a result that was under way clears a worker whose process was seen to end", () => {
    const { state } = play(2, [...running(2), exited(1, "completed"), result(1), result(0)]);
    expect(state.phase).toBe("committing");
  });
});

test("a cancelled job ends as cancelled, from whatever it was doing", () => {
  for (const events of [[], started, running(2), [...running(2), failed(0, "PEER_LOST")]]) {
    const { state, types } = play(2, [
      ...events,
      { type: "cancel", reason: "Ctrl-C" },
      { type: "stopped" },
      { type: "cleaned" },
    ]);
    expect(state).toMatchObject({ phase: "ended", outcome: { status: "cancelled" } });
    expect(types.slice(-4)).toEqual(["abort", "stop", "discard", "end"]);
  }
});

const size = 3;
const worker = fc.record({
  rank: fc.integer({ min: 0, max: size - 1 }),
  attempt: fc.integer({ min: 0, max: 1 }),
});
const error = fc.record({
  code: fc.constantFrom<ErrorRecord["code"]>("JOB_THREW", "PEER_LOST", "LAUNCH_FAILED"),
  message: fc.constant("x"),
});
const exit = fc.constantFrom(
  { kind: "completed" } as const,
  { kind: "crashed", detail: "x" } as const,
  { kind: "stopped" } as const,
  { kind: "out-of-memory", limitMb: 1 } as const,
);
const ofWorker = <T extends JobEvent["type"]>(type: T, more: Record<string, fc.Arbitrary<unknown>> = {}) =>
  fc.tuple(worker, fc.record(more)).map(([who, rest]) => ({ type, ...who, ...rest }) as unknown as JobEvent);
const anyEvent: fc.Arbitrary<JobEvent> = fc.oneof(
  fc.constantFrom<JobEvent>(
    { type: "start" },
    settled,
    { type: "committed" },
    { type: "cancel", reason: "x" },
  ),
  ofWorker("launched"),
  ofWorker("launch-failed", { error, retryable: fc.boolean() }),
  ofWorker("joined"),
  ofWorker("join-timeout", { afterMs: fc.constant(1), again: fc.boolean() }),
  ofWorker("result", { value: fc.constant(1) }),
  ofWorker("failed", { error }),
  ofWorker("broken", { detail: fc.constant("x"), refused: fc.boolean() }),
  ofWorker("exited", { exit }),
);

test("whatever happens: one end at most, no launch or commit once it ends, and every failure discards", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const { types, effects } = play(size, [
        { type: "start" },
        ...events,
        { type: "cancel", reason: "the test is over" },
        { type: "committed" },
        { type: "stopped" },
        { type: "cleaned" },
      ]);
      expect(types.filter((type) => type === "end")).toHaveLength(1);
      expect(types.at(-1)).toBe("end");
      const ending = types.findIndex((type) => type === "abort" || type === "dismiss");
      expect(types.slice(ending)).not.toContain("launch");
      expect(types.slice(ending)).not.toContain("commit");
      expect(types.filter((type) => type === "commit" || type === "discard")).toHaveLength(1);
      const launches = effects
        .filter(({ type }) => type === "launch")
        .map((launch) => JSON.stringify(launch));
      expect(new Set(launches).size).toBe(launches.length);
    }),
  );
});
