// One execution environment of Lambda: a process under AWS's own runtime interface client, which is frozen while it has
// nothing to do, and ended when it takes too long, takes too much memory, or breaks.

import type { MemoryWatch } from "../../../packages/providers/src/local/memory-watch.ts";
import { type RuntimeApi, type Said, startRuntimeApi } from "./runtime-api.ts";
import {
  arnOf,
  type Exit,
  type ProcessOptions,
  type RuntimeProcess,
  startProcess,
} from "./runtime-process.ts";

/** What ended an invocation, in Lambda's words. */
export type Outcome =
  | { readonly status: "success"; readonly body: string }
  | {
      readonly status: "error" | "timeout";
      readonly errorType: string | undefined;
      /** A line for the log. */
      readonly words: string;
      /** The function itself answered with the error, and its environment lives on, if its runtime does. */
      readonly handled: boolean;
    };
export type Failure = Exclude<Outcome, { readonly status: "success" }>;

export interface Environment {
  readonly pid: number;
  readonly initMs: number;
  /** Megabytes, at the most so far. */
  readonly usedMb: number;
  readonly alive: boolean;
  /** Of its Runtime API. */
  readonly apiPort: number;
  /** Thaws it, hands over the event, and freezes it when its runtime asks for the next one. */
  invoke(requestId: string, payload: Uint8Array): Promise<Outcome>;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface EnvironmentOptions extends ProcessOptions {
  /** Where the Runtime API listens: in the NAT lab, an address that functions can dial. */
  readonly host: string;
  readonly watch: MemoryWatch;
}

/** Lambda's own limit for the init phase. */
const initLimitMs = 10_000;
const megabyte = 1024 * 1024;

export type Opened =
  | { readonly environment: Environment }
  | { readonly failure: Failure; readonly initMs: number };

/** A cold start. */
export async function openEnvironment(options: EnvironmentOptions): Promise<Opened> {
  const startedAt = performance.now();
  const api = await startRuntimeApi(options.host);
  const process = startProcess(options, api.address);
  const late = deadline(initLimitMs, "timed-out" as const);
  const how = await Promise.race([api.initialised, process.ended, late.over]);
  late.cancel();
  const initMs = performance.now() - startedAt;
  if (how === "ready") return { environment: environmentOf(options, process, api, initMs) };
  const failure = how === "timed-out" ? initTimeout : "kind" in how ? initError(how) : exitFailure(how);
  process.kill();
  await process.ended;
  await api.close();
  return { failure, initMs };
}

function environmentOf(
  { config, watch }: EnvironmentOptions,
  process: RuntimeProcess,
  api: RuntimeApi,
  initMs: number,
): Environment {
  const { memoryMb, timeoutMs } = config;
  let alive = true;
  let closing: Promise<void> | undefined;
  const close = () => {
    alive = false;
    process.kill();
    closing ??= process.ended.then(() => api.close());
    return closing;
  };

  return {
    pid: process.pid,
    initMs,
    get usedMb() {
      return process.usedMb();
    },
    apiPort: Number(api.address.split(":")[1]),
    get alive() {
      return alive;
    },
    async invoke(requestId, payload) {
      process.signal("SIGCONT");
      const over = deadline(timeoutMs, "timed-out" as const);
      const full = outOfMemory(watch, process.pid, memoryMb);
      const deadlineMs = Date.now() + timeoutMs;
      const delivery = { requestId, payload, deadlineMs, functionArn: arnOf(config.name) };
      try {
        const said = api.invoke(delivery);
        const ends = [process.ended, over.over, full.over] as const;
        const how = await Promise.race([said, ...ends]);
        // Lambda freezes an environment when its runtime asks for more work, and not before.
        const after =
          how instanceof Object && "kind" in how ? await Promise.race([api.idle(), ...ends]) : how;
        if (after === undefined) process.signal("SIGSTOP");
        else await close();
        return outcomeOf(how, timeoutMs);
      } finally {
        over.cancel();
        full.cancel();
      }
    },
    close,
  };
}

function outcomeOf(how: Said | Exit | "timed-out" | "out-of-memory", timeoutMs: number): Outcome {
  if (how === "timed-out") {
    const words = `Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`;
    return { status: "timeout", errorType: undefined, words, handled: false };
  }
  if (how === "out-of-memory") {
    const words = "Error: Runtime exited with error: signal: killed\nRuntime.ExitError";
    return { status: "error", errorType: "Runtime.OutOfMemory", words, handled: false };
  }
  if (!("kind" in how)) return exitFailure(how);
  if (how.kind === "response") return { status: "success", body: how.body };
  return { ...initError(how), handled: true };
}

const initError = ({ errorType, message }: Extract<Said, { kind: "error" }>): Failure => ({
  status: "error",
  errorType,
  words: `${errorType}: ${message}`,
  handled: false,
});
const initTimeout: Failure = {
  status: "timeout",
  errorType: "Sandbox.Timedout",
  words: "INIT_REPORT Status: timeout",
  handled: false,
};
const exitFailure = ({ code, signal }: Exit): Failure => {
  const how = signal === null ? `exit status ${code}` : `signal: ${signalWords[signal] ?? signal}`;
  const words = `Error: Runtime exited ${code === 0 ? "without providing a reason" : `with error: ${how}`}\nRuntime.ExitError`;
  return { status: "error", errorType: "Runtime.ExitError", words, handled: false };
};
const signalWords: Readonly<Record<string, string>> = { SIGABRT: "aborted", SIGKILL: "killed" };

function deadline<What>(ms: number, what: What) {
  let timer!: NodeJS.Timeout;
  const over = new Promise<What>((resolve) => {
    timer = setTimeout(() => resolve(what), ms);
  });
  return { over, cancel: () => clearTimeout(timer) };
}

function outOfMemory(watch: MemoryWatch, pid: number, memoryMb: number) {
  let cancel!: () => void;
  const over = new Promise<"out-of-memory">((resolve) => {
    cancel = watch.add(pid, memoryMb * megabyte, () => resolve("out-of-memory"));
  });
  return { over, cancel };
}
