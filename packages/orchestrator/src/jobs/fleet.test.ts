import { FnmeshError } from "@fnmesh/core";
import type { Invocation, WorkerExit } from "@fnmesh/core/internal";
import { createTestLog, createVirtualClock } from "@fnmesh/core/testing";
import { describe, expect, test } from "vitest";
import { Fleet } from "./fleet.ts";
import { type ScriptedProviderOptions, scriptedProvider } from "./testing/scripted-provider.ts";

function setUp(options: Partial<ScriptedProviderOptions> = {}) {
  const clock = createVirtualClock();
  const log = createTestLog();
  const happened: string[] = [];
  const billed: string[] = [];
  const exits = new Map<number, (exit: WorkerExit) => void>();
  const provider = scriptedProvider({
    worker: ({ invocation, exit, signal }) => {
      exits.set(invocation.rank, exit);
      return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
    },
    ...options,
  });
  const fleet = new Fleet({
    provider,
    clock,
    log,
    joinTimeoutMs: 1000,
    memoryMb: 128,
    invocation: (rank, attempt) => ({ rank, attempt, timeoutMs: 10_000 }) as Invocation,
    events: {
      billedFrom: (rank, attempt) => billed.push(`from ${rank}.${attempt} at ${clock.now()}`),
      billedUntil: (rank, attempt) => billed.push(`until ${rank}.${attempt} at ${clock.now()}`),
      launched: (rank, attempt) => happened.push(`launched ${rank}.${attempt}`),
      launchFailed: (rank, attempt, { code }, retryable) =>
        happened.push(`failed ${rank}.${attempt} ${code}${retryable ? ", retryable" : ""}`),
      joinTimeout: (rank, attempt, afterMs, again) =>
        happened.push(`join timeout ${rank}.${attempt}${again ? ` after ${afterMs}, again` : ""}`),
      exited: (rank, attempt, { kind }) => happened.push(`exited ${rank}.${attempt} ${kind}`),
    },
  });
  return {
    fleet,
    clock,
    log,
    provider,
    happened,
    billed,
    exit: (rank: number, exit: WorkerExit) => exits.get(rank)?.(exit),
  };
}

test("tells of each launch and exit", async () => {
  const { fleet, clock, happened, exit } = setUp();
  fleet.launch(0, 0);
  await clock.advance(1);
  exit(0, { kind: "out-of-memory", limitMb: 128 });
  await clock.advance(1);
  expect(happened).toEqual(["launched 0.0", "exited 0.0 out-of-memory"]);
});

test("tells of a launch that fails, and whether another may go through", async () => {
  const thrown = [new FnmeshError("PROVIDER_UNAVAILABLE", "throttled"), new Error("bad request")];
  const { fleet, clock, happened } = setUp({
    beforeLaunch: ({ rank }) => {
      throw thrown[rank]!;
    },
  });
  fleet.launch(0, 0);
  fleet.launch(1, 0);
  await clock.advance(1);
  expect(happened).toEqual([
    "failed 0.0 PROVIDER_UNAVAILABLE, retryable",
    "failed 1.0 LAUNCH_FAILED, retryable",
  ]);
});

test("a provider that never answers is given up", async () => {
  const { fleet, clock, happened } = setUp({
    beforeLaunch: (_, signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  fleet.launch(0, 0);
  await clock.advance(2001);
  expect(happened).toEqual(["failed 0.0 LAUNCH_FAILED, retryable"]);
});

test("a worker that does not join is told of, one that joins is not", async () => {
  const { fleet, clock, happened } = setUp();
  fleet.launch(0, 0);
  fleet.launch(1, 0);
  await clock.advance(500);
  fleet.joined(1);
  await clock.advance(600);
  expect(happened).toEqual(["launched 0.0", "launched 1.0", "join timeout 0.0"]);
});

describe("on a platform that only accepts invocations", () => {
  const accepting = () => {
    const { provider, ...rest } = setUp();
    Object.assign(provider, { acceptance: { silentMs: 300, verdictMs: 5_000 } });
    return { provider, ...rest };
  };

  test("a silent worker is to be launched again, once; the one given up on is ended", async () => {
    const { fleet, clock, happened, provider } = accepting();
    fleet.launch(0, 0);
    await clock.advance(301);
    expect(happened).toEqual(["launched 0.0", "join timeout 0.0 after 300, again"]);
    expect(provider.running).toBe(1);
    fleet.launch(0, 1);
    await clock.advance(1);
    expect([...provider.stopped]).toEqual([0]);
    expect(provider.running).toBe(1);
    // The platform is asked about the second one; it has nothing to say.
    await clock.advance(1_000 + 5_000);
    expect(happened.at(-1)).toBe("join timeout 0.1");
  });

  test("is asked about a lost worker of this attempt, and about none when all are ended", async () => {
    const { fleet, clock, provider } = accepting();
    const told: string[] = [];
    const { launch } = provider;
    Object.assign(provider, {
      launch: async (request: Parameters<typeof launch>[0]) => ({
        ...(await launch(request)),
        left: (how: string) => told.push(`${request.invocation.rank} ${how}`),
      }),
    });
    for (const rank of [0, 1, 2]) fleet.launch(rank, 0);
    await clock.advance(1);
    fleet.left(0, 0, "lost");
    fleet.left(1, 1, "lost");
    fleet.left(1, 0, "finished");
    void fleet.stop(1000);
    fleet.left(2, 0, "lost");
    expect(told).toEqual(["0 lost", "1 finished", "2 finished"]);
    await clock.advance(5_000);
  });
});

describe("a worker that does not join on a platform that only accepts", () => {
  const silence = async (verdict: WorkerExit | undefined) => {
    const acceptance = { silentMs: 5000, verdictMs: 300 };
    const answers: (() => void)[] = [];
    const found = setUp({ acceptance, onLeft: (_, exit) => answers.push(() => verdict && exit(verdict)) });
    found.fleet.launch(0, 0);
    await found.clock.advance(1001);
    expect(found.happened).toEqual(["launched 0.0"]);
    for (const answer of answers) answer();
    await found.clock.advance(301);
    return found.happened.slice(1);
  };

  test.each<WorkerExit>([
    { kind: "init-failed", detail: "Runtime.ImportModuleError" },
    { kind: "out-of-memory", limitMb: 128 },
  ])("is told of by what the platform knows: $kind", async (verdict) => {
    expect(await silence(verdict)).toEqual([`exited 0.0 ${verdict.kind}`]);
  });

  test.each<WorkerExit | undefined>([
    { kind: "crashed", detail: "its log says nothing" },
    { kind: "completed" },
    undefined,
  ])("did not join, where the platform says no more than that: %o", async (verdict) => {
    expect(await silence(verdict)).toEqual(["join timeout 0.0"]);
  });
});

describe("a silent worker whose platform is asked about it", () => {
  const acceptance = { silentMs: 300, verdictMs: 5000 };
  const broken: WorkerExit = { kind: "init-failed", detail: "Runtime.ImportModuleError" };
  const silence = (answer: (rank: number, signal: AbortSignal) => Promise<WorkerExit>) => {
    const asked: number[] = [];
    const found = setUp({
      acceptance,
      onInquiry: (rank, signal) => {
        asked.push(rank);
        return answer(rank, signal);
      },
    });
    return { ...found, asked };
  };

  test("is told of at its first attempt where its code cannot start", async () => {
    const { fleet, clock, happened } = silence(async () => broken);
    fleet.launch(0, 0);
    await clock.advance(149);
    expect(happened).toEqual(["launched 0.0"]);
    await clock.advance(2);
    expect(happened).toEqual(["launched 0.0", "exited 0.0 init-failed"]);
  });

  test("is waited for where the platform has no such word, and it may come", async () => {
    const { fleet, clock, happened } = silence(async () => ({ kind: "crashed", detail: "nothing is known" }));
    fleet.launch(0, 0);
    await clock.advance(200);
    fleet.joined(0);
    await clock.advance(500);
    expect(happened).toEqual(["launched 0.0"]);
  });

  test("is asked about no longer when it has come, and the answer counts no more", async () => {
    const aborted: number[] = [];
    const { fleet, clock, happened } = silence(
      (rank, signal) =>
        new Promise((resolve) =>
          signal.addEventListener("abort", () => {
            aborted.push(rank);
            resolve(broken);
          }),
        ),
    );
    fleet.launch(0, 0);
    await clock.advance(200);
    fleet.joined(0);
    await clock.advance(1);
    expect(aborted).toEqual([0]);
    expect(happened).toEqual(["launched 0.0"]);
  });

  test("is the only one that is asked about at a time", async () => {
    const answers: ((exit: WorkerExit) => void)[] = [];
    const { fleet, clock, asked } = silence(() => new Promise((resolve) => answers.push(resolve)));
    for (const rank of [0, 1, 2]) fleet.launch(rank, 0);
    await clock.advance(151);
    expect(asked).toEqual([0]);
    answers[0]!({ kind: "crashed", detail: "nothing is known" });
    fleet.launch(1, 1);
    await clock.advance(151);
    expect(asked).toEqual([0, 1]);
  });
});

test("a worker whose platform does not end it at its time is ended", async () => {
  const { fleet, clock, happened, provider } = setUp();
  fleet.launch(0, 0);
  await clock.advance(1);
  fleet.joined(0);
  await clock.advance(10_000);
  expect(happened).toEqual(["launched 0.0"]);
  await clock.advance(3000);
  expect(happened[1]).toBe("exited 0.0 timed-out");
  expect(provider.running).toBe(0);
});

test("stop gives those who have joined the time to end by themselves, then ends them by force", async () => {
  const { fleet, clock, provider, exit } = setUp();
  for (const rank of [0, 1, 2]) fleet.launch(rank, 0);
  await clock.advance(1);
  for (const rank of [0, 1]) fleet.joined(rank);
  let stopped = false;
  void fleet.stop(1000).then(() => {
    stopped = true;
  });
  await clock.advance(500);
  exit(0, { kind: "completed" });
  expect([...provider.stopped]).toEqual([2]);
  await clock.advance(499);
  expect(stopped).toBe(false);
  await clock.advance(2);
  expect([...provider.stopped]).toEqual([2, 1]);
  expect(stopped).toBe(true);
  expect(clock.pendingTimers()).toEqual([]);
});

test("stop does not wait longer than it must, and may be called twice", async () => {
  const { fleet, clock } = setUp({ worker: async () => {} });
  fleet.launch(0, 0);
  await clock.advance(1);
  await Promise.all([fleet.stop(1000), fleet.stop(1000)]);
  expect(clock.now()).toBe(1);
  expect(clock.pendingTimers()).toEqual([]);
});

test("an invocation is billed from its start to its very end, whatever is told of it in between", async () => {
  const { fleet, clock, billed, happened } = setUp({
    beforeLaunch: ({ rank }) => {
      if (rank === 1) throw new Error("no room");
    },
  });
  await clock.advance(5);
  fleet.launch(0, 0);
  fleet.launch(1, 0);
  await clock.advance(1);
  fleet.joined(0);
  await clock.advance(13_000);
  expect(happened).toContain("exited 0.0 timed-out");
  expect(billed).toEqual(["from 0.0 at 5", "until 0.0 at 13006"]);
});

test("a worker that a platform starts although it was called off is ended, and paid for", async () => {
  let letThrough = () => {};
  const { fleet, clock, billed, provider } = setUp({
    beforeLaunch: () => new Promise((resolve) => (letThrough = resolve)),
  });
  const { launch } = provider;
  const deaf = new AbortController().signal;
  Object.assign(provider, { launch: (request: object) => launch({ ...request, signal: deaf } as never) });
  fleet.launch(0, 0);
  const stopped = fleet.stop(1000);
  letThrough();
  await clock.advance(1);
  await stopped;
  expect([...provider.stopped]).toEqual([0]);
  expect(billed).toEqual(["from 0.0 at 0", "until 0.0 at 0"]);
});

test("a launch that comes through after the end is ended at once", async () => {
  let letThrough = () => {};
  const { fleet, clock, happened, provider } = setUp({
    beforeLaunch: () => new Promise((resolve) => (letThrough = resolve)),
  });
  fleet.launch(0, 0);
  const stopped = fleet.stop(1000);
  letThrough();
  await clock.advance(1);
  await stopped;
  expect(provider.running).toBe(0);
  expect(happened.filter((what) => what.startsWith("launched"))).toEqual([]);
});

test("a process that cannot be ended does not keep the job from ending", async () => {
  const { fleet, clock, log, provider } = setUp();
  const launch = provider.launch;
  Object.assign(provider, {
    launch: async (request: Parameters<typeof launch>[0]) => ({
      ...(await launch(request)),
      exit: new Promise(() => {}),
      stop: () => Promise.reject(new Error("no such process")),
    }),
  });
  fleet.launch(0, 0);
  await clock.advance(1);
  fleet.joined(0);
  const stopped = fleet.stop(1000);
  await clock.advance(5000);
  await stopped;
  expect(log.messages("error")).toHaveLength(2);
});
