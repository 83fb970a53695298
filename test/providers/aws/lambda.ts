// Lambda as an invoker sees it, with real execution environments behind it: asynchronous invocations go into a queue, are
// delivered at least once, to a warm environment where one is free, and again when they fail; what happened is in the log.

import { createMemoryWatch } from "../../../packages/providers/src/local/memory-watch.ts";
import { type Environment, type Outcome, openEnvironment } from "./environment.ts";
import { type FunctionLog, functionLog, type LogEvent, type LogStream } from "./log-records.ts";
import type { FunctionConfig } from "./runtime-process.ts";

export interface LambdaBackend {
  /** An asynchronous invocation (`InvocationType: Event`): resolves when it is queued. */
  invoke(functionName: string, payload: Uint8Array, requestId: string): Promise<void>;
  logsOf(functionName: string): readonly LogEvent[];
}

export interface LambdaFunction extends FunctionConfig {
  /** As in PutFunctionEventInvokeConfig. Default 2, which is Lambda's. */
  readonly maximumRetryAttempts?: number;
}

export interface Lambda extends LambdaBackend {
  /** Makes a function, or changes it: environments of what it was before are not used again. */
  define(config: LambdaFunction): void;
  /** A synchronous one, as the Runtime API's counterpart sees its end. */
  call(functionName: string, payload: Uint8Array, requestId: string): Promise<Outcome>;
  /** The processes of the environments that are alive, warm or busy. */
  readonly environments: readonly Pick<Environment, "pid" | "usedMb" | "apiPort">[];
  /** Resolves when nothing is queued or running. */
  settled(): Promise<void>;
  /** Ends all environments. May be called twice. */
  close(): Promise<void>;
}

export interface LambdaOptions {
  /** The folder of an installed aws-lambda-ric. */
  readonly ric: string;
  /** Default: loopback. */
  readonly host?: string;
  /** What goes before the command of each environment, by the order in which they are made. */
  readonly place?: (index: number) => readonly string[];
  /** Between a failed try and the next one. Lambda's is a minute. Default: none. */
  readonly retryDelayMs?: number;
}

interface Warm {
  readonly environment: Environment;
  readonly stream: LogStream;
}

interface Defined {
  readonly config: LambdaFunction;
  readonly log: FunctionLog;
  readonly idle: Warm[];
}

export function createLambda(options: LambdaOptions): Lambda {
  const { ric, host = "127.0.0.1", place = () => [], retryDelayMs = 0 } = options;
  const functions = new Map<string, Defined>();
  const environments = new Set<Environment>();
  const underway = new Set<Promise<unknown>>();
  const closing = new AbortController();
  const watch = createMemoryWatch();
  let opened = 0;

  const existing = (name: string): Defined => {
    const found = functions.get(name);
    if (found === undefined) throw new Error(`there is no function ${name}`);
    return found;
  };

  /** A warm environment, or a new one; what kept it from starting otherwise. */
  const take = async ({ config, idle, log }: Defined) => {
    const warm = idle.pop();
    if (warm !== undefined) return { ...warm, initMs: undefined };
    const stream = log.open();
    const cold = await openEnvironment({
      ...{ config, ric, host, watch, onLine: stream.line, logStream: stream.name },
      place: place(opened++),
    });
    const initMs = "environment" in cold ? cold.environment.initMs : cold.initMs;
    if ("failure" in cold) {
      stream.initReport(initMs, cold.failure.errorType);
      return { failure: cold.failure, stream, initMs };
    }
    environments.add(cold.environment);
    if (closing.signal.aborted) await cold.environment.close();
    return { environment: cold.environment, stream, initMs };
  };

  const runOnce = async (name: string, payload: Uint8Array, requestId: string): Promise<Outcome> => {
    const defined = existing(name);
    const { config, idle } = defined;
    const taken = await take(defined);
    const { environment, stream, initMs } = taken;
    stream.start(requestId);
    const startedAt = performance.now();
    const outcome = taken.failure ?? (await taken.environment.invoke(requestId, payload));
    if (outcome.status !== "success") stream.line(wordsFor(outcome, requestId));
    stream.report({
      requestId,
      durationMs: performance.now() - startedAt,
      memoryMb: config.memoryMb,
      usedMb: environment?.usedMb ?? 0,
      initMs,
      status: outcome.status,
      errorType: outcome.status === "success" ? undefined : outcome.errorType,
    });
    if (environment?.alive && functions.get(name) === defined) idle.push({ environment, stream });
    else if (environment !== undefined) {
      environments.delete(environment);
      await environment.close();
    }
    return outcome;
  };

  const runAsync = async (name: string, payload: Uint8Array, requestId: string) => {
    const { maximumRetryAttempts = 2 } = existing(name).config;
    for (let retries = 0; !closing.signal.aborted; retries += 1) {
      const { status } = await runOnce(name, payload, requestId);
      if (status === "success" || retries >= maximumRetryAttempts) return;
      await pause(retryDelayMs, closing.signal);
    }
  };

  const track = <T>(work: Promise<T>): Promise<T> => {
    underway.add(work);
    void work.finally(() => underway.delete(work)).catch(() => {}); // Whoever waits for it is told.
    return work;
  };

  return {
    define(config) {
      const before = functions.get(config.name);
      functions.set(config.name, { config, log: before?.log ?? functionLog(), idle: [] });
      for (const { environment } of before?.idle ?? []) {
        environments.delete(environment);
        void track(environment.close());
      }
    },
    async invoke(name, payload, requestId) {
      existing(name);
      void track(runAsync(name, payload, requestId));
    },
    call: (name, payload, requestId) => track(runOnce(name, payload, requestId)),
    logsOf: (name) => functions.get(name)?.log.events ?? [],
    get environments() {
      return [...environments];
    },
    async settled() {
      while (underway.size > 0) await Promise.allSettled(underway);
    },
    async close() {
      closing.abort();
      await Promise.all([...environments].map((environment) => environment.close()));
      await Promise.allSettled(underway);
      await Promise.all([...environments].map((environment) => environment.close()));
    },
  };
}

const wordsFor = ({ words, status }: Exclude<Outcome, { status: "success" }>, requestId: string): string =>
  status === "timeout"
    ? `${new Date().toISOString()} ${requestId} ${words}`
    : `RequestId: ${requestId} ${words}`;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
