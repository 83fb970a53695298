// Workers that cannot be launched, do not join, or get lost on the way: what is tried again, and what ends the job.

import type { ErrorRecord } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import type { JobEvent } from "./job-events.ts";
import { stepJob } from "./job-state.ts";
import { broken, errorOf, exited, failed, join, of, play, running, started } from "./testing/job-play.ts";

describe("a launch that fails", () => {
  const error: ErrorRecord = { code: "LAUNCH_FAILED", message: "throttled" };
  const launchFailed = (attempt: number, retryable = true): JobEvent => ({
    type: "launch-failed",
    ...of(0, attempt),
    error,
    retryable,
  });

  test("is tried once more, under a new attempt", () => {
    const { effects, state } = play(1, [...started, launchFailed(0), ...join(0, 1)]);
    expect(effects).toContainEqual({ type: "launch", rank: 0, attempt: 1 });
    expect(state.phase).toBe("running");
  });

  test("for the second time fails the job", () => {
    expect(errorOf(play(1, [...started, launchFailed(0), launchFailed(1)]).state)).toEqual(error);
  });

  test("fails the job at once when a second try is of no use", () => {
    expect(errorOf(play(1, [...started, launchFailed(0, false)]).state)).toEqual(error);
  });

  test("as a crash before the join is tried again too, running out of memory is not", () => {
    const launched: JobEvent[] = [...started, { type: "launched", ...of(0) }];
    expect(play(1, [...launched, exited(0, "crashed")]).effects.at(-1)).toEqual({
      type: "launch",
      rank: 0,
      attempt: 1,
    });
    expect(errorOf(play(1, [...launched, exited(0, "out-of-memory")]).state)).toMatchObject({
      code: "OUT_OF_MEMORY",
      rank: 0,
    });
  });

  test("leaves an attempt behind whose later words mean nothing", () => {
    const { state } = play(1, [...started, launchFailed(0)]);
    const late: JobEvent[] = [{ type: "joined", ...of(0, 0) }, failed(0, "JOB_THREW"), exited(0, "crashed")];
    expect(play(1, late, state).state).toBe(state);
  });

  test("and a worker that does not join in time fails the job, one that has joined does not", () => {
    const timeout: JobEvent = { type: "join-timeout", ...of(0), afterMs: 60_000, again: false };
    const launched: JobEvent[] = [...started, { type: "launched", ...of(0) }];
    expect(errorOf(play(1, [...launched, timeout]).state)).toMatchObject({ code: "JOIN_TIMEOUT", rank: 0 });
    expect(play(1, [...running(1), timeout]).state.phase).toBe("running");
  });
});

describe("an invocation that the platform has lost", () => {
  const silent = (attempt: number): JobEvent => ({
    type: "join-timeout",
    ...of(0, attempt),
    afterMs: 20_000,
    again: attempt === 0,
  });
  const launched = (attempt: number): JobEvent => ({ type: "launched", ...of(0, attempt) });

  test("is replaced by another attempt, and may not come later", () => {
    const { state, effects } = play(1, [...started, launched(0), silent(0)]);
    expect(effects).toContainEqual({ type: "launch", ...of(0, 1) });
    const [late] = stepJob(state, { type: "joined", ...of(0, 0) });
    expect(late).toBe(state);
    expect(stepJob(state, { type: "joined", ...of(0, 1) })[0].phase).toBe("running");
  });

  test("is not taken for the cause while another's loss is looked into", () => {
    const others = [...started, launched(0), ...join(1), broken(1)];
    const { state, effects } = play(2, [...others, silent(0), exited(1, "out-of-memory")]);
    expect(effects).toContainEqual({ type: "launch", ...of(0, 1) });
    expect(errorOf(state)).toMatchObject({ code: "OUT_OF_MEMORY", rank: 1 });
  });

  test("twice fails the job", () => {
    const lost = [...started, launched(0), silent(0), launched(1), silent(1)];
    expect(errorOf(play(1, lost).state)).toMatchObject({ code: "JOIN_TIMEOUT", rank: 0, attempt: 1 });
  });
});
