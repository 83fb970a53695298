// A provider that hands its invocations to the Lambda of these tests without any HTTP in between, and reads its logs: for
// tests of what runs inside of functions.

import { randomUUID } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import { type Invocation, nodeClock, type Provider, type WorkerExit } from "@fnmesh/core/internal";
import { acceptedWorker } from "../../../packages/providers/src/kit/launched.ts";
import { createThrottle } from "../../../packages/providers/src/kit/throttle.ts";
import type { Faults } from "../support/faults.ts";
import type { LambdaBackend } from "./lambda.ts";
import type { LogEvent } from "./log-records.ts";

export interface DirectOptions {
  readonly lambda: LambdaBackend;
  readonly functionName: string;
  readonly faults: Faults;
  readonly memoryMb: number;
  readonly silentMs: number;
}

const verdictMs = 5_000;
const pollMs = 20;

export function directProvider({
  lambda,
  functionName,
  faults,
  memoryMb,
  silentMs,
}: DirectOptions): Provider {
  const rate = { burst: 100, perSecond: 100 };
  const throttle = createThrottle({ rate, clock: nodeClock, random: Math.random });
  const timers = new Set<NodeJS.Timeout>();

  const invoke = async (invocation: Invocation, requestId: string) => {
    const { throttled, lost, times, delayMs } = faults.next(invocation);
    if (throttled) throw new FnmeshError("THROTTLED", "Rate Exceeded.");
    const payload = Buffer.from(JSON.stringify(invocation));
    const deliver = () => {
      for (let time = 0; time < times; time += 1) void lambda.invoke(functionName, payload, requestId);
    };
    if (!lost) timers.add(setTimeout(deliver, delayMs));
  };

  return {
    name: "aws",
    limits: {
      memoryMb: { least: memoryMb, most: memoryMb, preset: memoryMb },
      timeoutMs: { most: 900_000, preset: 300_000 },
      workers: 1_000,
    },
    acceptance: { silentMs, verdictMs },
    async launch({ invocation, signal }) {
      const requestId = randomUUID();
      await throttle.run(() => invoke(invocation, requestId), signal);
      const verdict = () => waitForVerdict(() => verdictOf(lambda.logsOf(functionName), requestId, memoryMb));
      return acceptedWorker({ id: requestId, verdict });
    },
    async close() {
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

async function waitForVerdict(look: () => WorkerExit | undefined): Promise<WorkerExit> {
  const until = performance.now() + verdictMs;
  for (;;) {
    const exit = look();
    if (exit !== undefined) return exit;
    if (performance.now() > until) return { kind: "crashed", detail: "its log says nothing of it" };
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

interface PlatformRecord {
  readonly type?: string;
  readonly record?: {
    readonly requestId?: string;
    readonly status?: string;
    readonly errorType?: string;
    readonly metrics?: { readonly durationMs: number };
  };
}

/** What the log says of a request, as soon as it has its report. */
export function verdictOf(
  events: readonly LogEvent[],
  requestId: string,
  memoryMb: number,
): WorkerExit | undefined {
  const records = events.map(({ message }) => readAny(message));
  const report = records.find(
    ({ type, record }) => type === "platform.report" && record?.requestId === requestId,
  )?.record;
  if (report === undefined) return undefined;
  const { status, errorType = "unknown", metrics } = report;
  if (status === "success") return { kind: "completed" };
  if (status === "timeout") return { kind: "timed-out", afterMs: metrics?.durationMs ?? 0 };
  const noHeap = events.some(({ message }) => /JavaScript heap out of memory/.test(message));
  if (errorType === "Runtime.OutOfMemory" || (errorType === "Runtime.ExitError" && noHeap)) {
    return { kind: "out-of-memory", limitMb: memoryMb };
  }
  const words = events.find(({ message }) => message.startsWith(`RequestId: ${requestId}`))?.message ?? "";
  const init = records.some(
    ({ type, record }) => type === "platform.initReport" && record?.status === "error",
  );
  return init ? { kind: "init-failed", detail: words } : { kind: "crashed", detail: words };
}

function readAny(message: string): PlatformRecord {
  try {
    return (JSON.parse(message) as PlatformRecord | null) ?? {};
  } catch {
    return {}; // A line of the function's own.
  }
}
