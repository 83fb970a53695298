// What a person sees while fnmesh works: a view in place on a terminal, lines in a log, or nothing.

import type { Clock } from "@fnmesh/core/internal";
import type { JobHandle } from "@fnmesh/orchestrator";

export interface ProgressView {
  /** What fnmesh does before there is a job: `bundling job.ts`. */
  phase(text: string): void;
  /** From now on shows this job, until `close`. */
  follow(job: Pick<JobHandle, "snapshot">): void;
  /** A line that stays: what a worker logged, a warning. */
  log(line: string): void;
  /** Takes the view away and gives the terminal back. May be called twice. */
  close(): void;
}

/** The part of a stream that the views use. `process.stderr` is one. */
export interface ViewStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on(event: "resize", listener: () => void): unknown;
  off(event: "resize", listener: () => void): unknown;
}

export interface ViewOptions {
  readonly stream: ViewStream;
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** With --json nobody reads along. */
export const silentView: ProgressView = { phase() {}, follow() {}, log() {}, close() {} };

/** Calls `body` every `periodMs` until the returned function is called. */
export function repeat(clock: Clock, periodMs: number, body: () => void): () => void {
  let timer = clock.setTimer(periodMs, again);
  function again(): void {
    timer = clock.setTimer(periodMs, again);
    body();
  }
  return () => timer.cancel();
}
