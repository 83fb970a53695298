// What a user writes: one module whose default export is a job.

import type { Log } from "../env/env.ts";
import type { Group } from "../group/group.ts";
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

/** What the function's runtime gives to a job's code. */
export interface RuntimeWorker {
  /** 0 to size - 1. */
  readonly rank: number;
  readonly size: number;
  /** 0 for the first try of this rank. */
  readonly attempt: number;
  readonly params: Readonly<Record<string, string>>;
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
  /**
   * Adds something to the report's `emitted`, which whoever follows the job sees at once. JSON below 1 MiB, and 16 MiB of
   * it in a job: bulk goes by `output.write`. Throws NOT_SERIALIZABLE or LIMIT.
   */
  emit(value: unknown): void;
  /** Waits until all workers have come to the same barrier. By the orchestrator: it needs no connection to a peer. */
  barrier(): Promise<void>;
}

/** The group of all workers, and what each of them has. Sending and receiving are those of `peers`. */
export interface Worker<Params = Readonly<Record<string, string>>>
  extends Omit<RuntimeWorker, "params">,
    Omit<Group, "barrier" | "receive">,
    Pick<Peers, "receive"> {
  readonly params: Params;
  /** A folder for this worker's files, on the function's disk. It is gone when `run` has returned. */
  scratch(): Promise<string>;
}

/** What checks a job's parameters: of zod, valibot, arktype and others (standardschema.dev). */
export interface ParamsSchema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export interface JobDefinition<Result = unknown, Params = Readonly<Record<string, string>>> {
  readonly name?: string;
  /** Checks and converts `--param` values, which are strings. A worker that is given others fails with INVALID_ARGUMENT. */
  readonly params?: ParamsSchema<Params>;
  /** Runs on every worker. What rank 0 returns (JSON) is the job's result. */
  run(worker: Worker<Params>): Promise<Result>;
}

export interface Job<Result = unknown> {
  readonly fnmesh: 1;
  readonly name?: string;
  run(worker: RuntimeWorker): Promise<Result>;
}
