// A source of input that workers read by themselves, past the orchestrator: object storage. What reads it is not part of
// core, nor of a function's bundle: it comes with the job's code when the input needs it (see packages/stores). These are
// the seams: the worker's, and the planner's.

import type { Env } from "../env/env.ts";
import type { InputSplit } from "../job/job.ts";
import type { StoreUsage } from "../store/store.ts";

/** The schemes of the names that a source's texts have: `s3` for `s3://bucket/key`. */
export const sourceNames = ["s3"] as const;
export type SourceName = (typeof sourceNames)[number];

/** The source that a text's name belongs to; undefined for a file's. */
export const sourceOf = (name: string): SourceName | undefined =>
  sourceNames.find((source) => name.startsWith(`${source}://`));

/** Where the bytes of a split are, in the text of its name. */
export interface SourcePlace {
  readonly offset: number;
  /** What the source said of the text when the input was planned: another one means that it has changed since. */
  readonly version: string;
}

/** A split as a worker is told of it; without a place it comes over the control connection. */
export interface ToldSplit {
  readonly name: string;
  readonly bytes: number;
  readonly at?: SourcePlace;
}

export interface OpenInputOptions {
  /** All that this worker has, in order. */
  readonly splits: readonly ToldSplit[];
  /** By source, what a worker needs to know of it: may hold credentials, must reach no log. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly memoryMb: number;
  /** The same split, over the control connection. */
  readonly download: (index: number) => InputSplit;
  readonly env: Pick<Env, "clock" | "random">;
  readonly signal: AbortSignal;
}

export interface OpenedInput {
  /** Those with a place are read there. Reading rejects with INPUT_UNREADABLE, STORE_AUTH, … as the source has it. */
  readonly splits: readonly InputSplit[];
  /** What was asked of sources so far. */
  readonly usage: StoreUsage;
  /** Ends what is under way. May be called twice. */
  close(): void;
}

/** What a job's code brings along as `openInput`. Asks nothing of a source yet. */
export type OpenInput = (options: OpenInputOptions) => OpenedInput;

/** A text of a source as its listing has it. */
export interface SourceText {
  /** Its name within the bucket. */
  readonly key: string;
  readonly bytes: number;
  readonly version: string;
}

/** The planner's side of a source: what there is, and a look into it. */
export interface SourceCatalog {
  readonly source: SourceName;
  /** What was asked for so far. */
  readonly usage: StoreUsage;
  /**
   * The texts of a bucket whose keys begin so, in order; all, or at least `most` of them. Rejects with INPUT_NOT_FOUND,
   * STORE_AUTH, STORE_UNAVAILABLE or INVALID_ARGUMENT; messages never tell what proves who asks.
   */
  list(bucket: string, prefix: string, most?: number): Promise<readonly SourceText[]>;
  /** Exactly `length` bytes at `offset`. Rejects with INPUT_UNREADABLE for a text that has changed, or as `list`. */
  read(bucket: string, text: SourceText, offset: number, length: number): Promise<Uint8Array>;
  /** May be called twice. */
  close(): Promise<void>;
}
