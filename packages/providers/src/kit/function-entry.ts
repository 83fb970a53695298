// The function side of every platform: one invocation in a container, from the platform's event to fnmesh's answer. The
// folder of a platform adds how its runtime calls it. Nothing of an invocation is left when it has answered, except for
// the code of earlier jobs, which a warm container keeps.

import type { ErrorRecord } from "@fnmesh/core";
import {
  createCodeCache,
  type Env,
  type Invocation,
  type Log,
  nodeEnv,
  runWorker,
  silentLog,
  toFnmeshError,
} from "@fnmesh/core/internal";
import type { Answer } from "./answer.ts";
import { strayErrors } from "./stray-errors.ts";

export interface FunctionCall {
  /** What the platform hands over: an `Invocation`, or anything that a stranger sends. */
  readonly event: unknown;
  /** What the platform itself gives this invocation from now on; undefined where it does not say. */
  readonly remainingMs?: number | undefined;
  /** The platform wants the container back. */
  readonly signal?: AbortSignal | undefined;
}

export interface FunctionEntryOptions {
  /** Default: warnings and errors to stderr, where platforms collect them. */
  readonly log?: Log;
  /** Default: Node's own. */
  readonly env?: Env;
}

/** Before the platform ends the function by force, the worker has this long to say that its time is over. */
const lastWordsMs = 1_000;

const toStderr =
  (level: string): Log["warn"] =>
  (message, fields = {}) =>
    console.error(JSON.stringify({ fnmesh: level, message, ...fields }));
const stderrLog: Log = { ...silentLog, warn: toStderr("warning"), error: toStderr("error") };

/**
 * What a platform's entry calls for each event; one for each container. Never rejects: what went wrong is in the
 * answer, and so no platform takes it for a reason to deliver the event again.
 *
 * @example
 * const run = functionEntry();
 * export const handler = (event: unknown) => run({ event });
 */
export function functionEntry(options: FunctionEntryOptions = {}): (call: FunctionCall) => Promise<Answer> {
  const { log = stderrLog, env = nodeEnv({ log }) } = options;
  const code = createCodeCache();
  const strays = strayErrors();
  return async ({ event, remainingMs = Infinity, signal }) => {
    const invocation = invocationOf(event);
    if (invocation === undefined) return { ok: false, error: notAnInvocation };
    const over = new AbortController();
    const withdrawn = () => over.abort(signal!.reason);
    signal?.addEventListener("abort", withdrawn, { once: true });
    if (signal?.aborted) withdrawn();
    const stray = strays.watch();
    const timeoutMs = Math.max(1, Math.min(invocation.timeoutMs, remainingMs - lastWordsMs));
    const running = runWorker({ invocation: { ...invocation, timeoutMs }, env, code, signal: over.signal });
    try {
      await Promise.race([running, stray.thrown]);
      return { ok: true };
    } catch (thrown) {
      // What was thrown outside of the job's own promise ends the job too, and the orchestrator is told.
      over.abort(thrown);
      await running.catch(() => {});
      return { ok: false, error: toFnmeshError(thrown, "JOB_THREW").toRecord() };
    } finally {
      stray.close();
      signal?.removeEventListener("abort", withdrawn);
      over.abort();
      await untilClosed();
    }
  };
}

/**
 * Sockets that were destroyed are closed when the event loop comes round. A platform may freeze the container with the
 * answer, and the other side of one that is still open would wait for it.
 */
async function untilClosed(): Promise<void> {
  for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
}

const notAnInvocation: ErrorRecord = {
  code: "INVALID_ARGUMENT",
  message: "this event is no invocation of fnmesh",
  hint: "This function is invoked by an orchestrator of fnmesh: run a job with `fnmesh run`.",
};

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): boolean => typeof value === "string" && value !== "" && value.length <= 256;

/** Undefined for whatever is not one. Platforms that wrap the event are unwrapped by their entry. */
function invocationOf(event: unknown): Invocation | undefined {
  const given = event as Partial<Invocation> | null | undefined;
  const to = given?.orchestrator as Partial<Invocation["orchestrator"]> | undefined;
  const isOne =
    given?.version === 1 &&
    [given.rank, given.attempt, given.timeoutMs, to?.port, to?.observePort].every(isCount) &&
    [given.job, given.secret, to?.host].every(isText);
  return isOne ? (given as Invocation) : undefined;
}
