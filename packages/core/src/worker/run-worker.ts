// One invocation, from the payload to the end: join, get the code, run the job, deliver, leave nothing behind.

import { setMaxListeners } from "node:events";
import type { Env, Timer } from "../env/env.ts";
import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import { type LoadedJob, loadJob } from "../job/load-job.ts";
import type { Invocation } from "../provider/provider.ts";
import type { CodeCache } from "./code-cache.ts";
import { joinJob, type Membership } from "./membership.ts";
import { createWorkerRuntime, type WorkerRuntime } from "./worker-runtime.ts";

export interface WorkerHost {
  readonly invocation: Invocation;
  readonly env: Env;
  /** Kept by the container from one invocation to the next. */
  readonly code: CodeCache;
  /** Ends the invocation from outside. */
  readonly signal: AbortSignal;
}

/** Joining includes the dial, the handshake and the welcome. */
const joinLimitMs = 30_000;
/** The last words reach the orchestrator, or they do not. */
const farewellLimitMs = 5_000;

/**
 * Runs one worker. Resolves when its result is stored.
 * Rejects with the FnmeshError that ended the job on this worker, after the orchestrator has been told.
 */
export async function runWorker({ invocation, env, code, signal }: WorkerHost): Promise<void> {
  const startedAt = env.clock.now();
  const over = new AbortController();
  setMaxListeners(0, over.signal); // As many waits as the job has, each removed when it is over.
  const endBy = (error: unknown) => over.abort(error);
  const timers: Timer[] = [
    env.clock.setTimer(invocation.timeoutMs, () =>
      endBy(new FnmeshError("WORKER_TIMEOUT", `the function's ${invocation.timeoutMs} ms are over`)),
    ),
  ];
  const stop = () => endBy(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  let membership: Membership | undefined;
  let runtime: WorkerRuntime | undefined;
  try {
    membership = await joinJob({
      invocation,
      env,
      cachedCode: code.hashes,
      limitMs: joinLimitMs,
      endBy,
      signal: over.signal,
    });
    runtime = createWorkerRuntime({ invocation, env, membership, startedAt, over });
    await work(runtime, membership, code);
  } catch (thrown) {
    const { rank, attempt } = invocation;
    const error = toFnmeshError(over.signal.aborted ? over.signal.reason : thrown, "JOB_THREW", {
      hint: "The job's own code threw this: its stack says where.",
      rank,
      attempt,
    });
    runtime?.telemetry();
    await membership?.fail(error, farewellLimitMs);
    over.abort(error);
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
    for (const timer of timers) timer.cancel();
    await runtime?.close();
    membership?.close();
  }
}

async function work(runtime: WorkerRuntime, membership: Membership, code: CodeCache): Promise<void> {
  const job = await runtime.untilOver(obtainJob(membership, code));
  runtime.provideStores(job.stores ?? {});
  const value = await runtime.untilOver(job.run(runtime.worker));
  await runtime.untilOver(runtime.finish());
  runtime.telemetry();
  await runtime.untilOver(membership.deliver(toJson(value)));
}

async function obtainJob(membership: Membership, code: CodeCache): Promise<LoadedJob> {
  const { hash } = membership.welcome.code;
  const cached = code.get(hash);
  if (cached !== undefined) return cached;
  const job = await loadJob(await membership.downloads.code(membership.welcome.code), hash);
  code.put(hash, job);
  return job;
}

/** The result as JSON has it. Throws NOT_SERIALIZABLE. */
function toJson(value: unknown): unknown {
  try {
    return value === undefined ? null : JSON.parse(JSON.stringify(value) ?? "null");
  } catch (cause) {
    throw new FnmeshError(
      "NOT_SERIALIZABLE",
      `what run() returned cannot be written as JSON: ${String(cause)}`,
      {
        cause,
        hint: "Return plain data; write bulk results with output.write.",
      },
    );
  }
}
