// One invocation, from the payload to the end: join, get the code, run the job, deliver, leave nothing behind.

import { setMaxListeners } from "node:events";
import type { Env, Timer } from "../env/env.ts";
import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import { loadJob, loadModule } from "../job/load-job.ts";
import type { ModuleName } from "../peers/inner.ts";
import type { Invocation } from "../provider/provider.ts";
import type { CodeCache } from "./code-cache.ts";
import type { Downloads } from "./downloads.ts";
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
    const { downloads } = membership;
    const load = (wanted: ModuleName) => obtain(wanted, downloads, code, loadModule);
    runtime = createWorkerRuntime({ invocation, env, membership, startedAt, over, load });
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
  const { welcome, downloads } = membership;
  const job = await runtime.untilOver(obtain(welcome.code, downloads, code, loadJob));
  runtime.provideDrivers(job);
  const value = await runtime.untilOver(job.run(runtime.worker));
  await runtime.untilOver(runtime.finish());
  runtime.telemetry();
  await runtime.untilOver(membership.deliver(toJson(value)));
}

/** What a module's text makes, from the container or from the orchestrator. */
async function obtain<Made extends object>(
  wanted: ModuleName,
  downloads: Downloads,
  code: CodeCache,
  make: (text: string, hash: string) => Promise<Made>,
): Promise<Made> {
  const cached = code.get(wanted.hash);
  if (cached !== undefined) return cached as Made;
  const made = await make(await downloads.code(wanted), wanted.hash);
  code.put(wanted.hash, made);
  return made;
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
