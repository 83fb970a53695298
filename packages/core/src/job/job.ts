// What a user writes: one module whose default export is a job.

import type { Log } from "../env/env.ts";
import type { Peers } from "../peers/peers.ts";

/** A part of the job's input that belongs to this worker: a whole file, or a range of one cut at line borders. */
export interface InputSplit {
  readonly name: string;
  readonly bytes: number;
  /** In order, in pieces of at most 256 KiB; no more is asked for than is read. */
  chunks(): AsyncIterable<Uint8Array>;
  read(): Promise<Uint8Array>;
}

export interface Output {
  /** Appends to this worker's part of the output. The parts follow each other by rank, and appear only if the whole job succeeds. */
  write(bytes: Uint8Array | string): Promise<void>;
}

export interface Worker<Params = Readonly<Record<string, string>>> {
  /** 0 to size - 1. */
  readonly rank: number;
  readonly size: number;
  /** 0 for the first try of this rank. */
  readonly attempt: number;
  readonly params: Params;
  readonly input: readonly InputSplit[];
  readonly output: Output;
  readonly peers: Peers;
  readonly log: Log;
  /** Aborted when the job is cancelled or fails elsewhere, or when the function's time is up. */
  readonly signal: AbortSignal;
  /** Milliseconds that the function may still run. */
  remainingMs(): number;
  /** Runs `body` as a named stage: stages appear in the live view and in the report. */
  stage<T>(name: string, body: () => Promise<T>): Promise<T>;
  /** How much of the current stage is done. */
  progress(done: number, total: number): void;
  /** Waits until all workers have come to the same barrier. */
  barrier(): Promise<void>;
}

export interface JobDefinition<Result = unknown> {
  readonly name?: string;
  /** Runs on every worker. What rank 0 returns (JSON) is the job's result. */
  run(worker: Worker): Promise<Result>;
}

export interface Job<Result = unknown> extends JobDefinition<Result> {
  readonly fnmesh: 1;
}

/**
 * Defines a job; make it the module's default export.
 *
 * @example
 * export default defineJob({
 *   async run({ rank, size, peers }) {
 *     await peers.send((rank + 1) % size, `hello from ${rank}`);
 *     return (await peers.receive<string>()).value;
 *   },
 * });
 */
export function defineJob<Result>(definition: JobDefinition<Result>): Job<Result> {
  return { ...definition, fnmesh: 1 };
}
