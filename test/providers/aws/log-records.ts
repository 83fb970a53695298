// What Lambda writes to a function's log group, in its JSON format: records of the platform's own, and what the function
// prints. Field names are those of the Telemetry API (schema 2022-12-13).

import { randomUUID } from "node:crypto";

export interface LogEvent {
  /** An environment writes into one of its own. */
  readonly stream: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly message: string;
}

export interface Report {
  readonly requestId: string;
  readonly durationMs: number;
  readonly memoryMb: number;
  readonly usedMb: number;
  /** Of a cold start. */
  readonly initMs: number | undefined;
  readonly status: "success" | "error" | "timeout";
  readonly errorType: string | undefined;
}

export interface FunctionLog {
  readonly events: readonly LogEvent[];
  /** A stream more, for an environment more. */
  open(): LogStream;
}

export interface LogStream {
  readonly name: string;
  /** What the function's process printed. */
  line(text: string): void;
  initReport(initMs: number, errorType: string | undefined): void;
  start(requestId: string): void;
  report(report: Report): void;
}

const rounded = (ms: number) => Math.round(ms * 1000) / 1000;

export function functionLog(): FunctionLog {
  const events: LogEvent[] = [];
  return {
    events,
    open() {
      const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
      const name = `${day}/[$LATEST]${randomUUID().replaceAll("-", "")}`;
      return logStream(name, (event) => void events.push(event));
    },
  };
}

function logStream(name: string, write: (event: LogEvent) => void): LogStream {
  const line = (message: string) => write({ stream: name, timestamp: Date.now(), message });
  const platform = (type: string, record: Readonly<Record<string, unknown>>) =>
    line(JSON.stringify({ time: new Date().toISOString(), type: `platform.${type}`, record }));
  return {
    name,
    line,
    initReport: (initMs, errorType) =>
      platform("initReport", {
        initializationType: "on-demand",
        phase: "init",
        status: errorType === undefined ? "success" : "error",
        ...(errorType === undefined ? {} : { errorType }),
        metrics: { durationMs: rounded(initMs) },
      }),
    start: (requestId) => platform("start", { requestId, version: "$LATEST" }),
    report: ({ requestId, durationMs, memoryMb, usedMb, initMs, status, errorType }) =>
      platform("report", {
        requestId,
        metrics: {
          durationMs: rounded(durationMs),
          billedDurationMs: Math.ceil(durationMs + (initMs ?? 0)),
          memorySizeMB: memoryMb,
          maxMemoryUsedMB: usedMb,
          ...(initMs === undefined ? {} : { initDurationMs: rounded(initMs) }),
        },
        status,
        ...(errorType === undefined ? {} : { errorType }),
      }),
  };
}
