// A source of input that workers read by themselves, past the orchestrator: object storage. As a store's driver, its
// reader is not part of core, nor of a function's bundle: it comes with the job's code when the input needs it.

import type { Env } from "../env/env.ts";
import type { StoreUsage } from "../store/store.ts";

/** The schemes of the names that a source's texts have: `s3` for `s3://bucket/key`. */
export const sourceNames = ["s3"] as const;
export type SourceName = (typeof sourceNames)[number];

/** Where the bytes of a split are, in the text of its name. */
export interface SourcePlace {
  readonly offset: number;
  /** What the source said of the text when the input was planned: another one means that it has changed since. */
  readonly version: string;
}

/** A piece of a text, as one worker reads it. */
export interface SourceRange extends SourcePlace {
  /** The text's whole name, its scheme included. */
  readonly name: string;
  readonly bytes: number;
}

export interface SourceReader {
  /**
   * The bytes of ranges[index], in order, in pieces of at most 256 KiB. Reads a bounded number of bytes ahead of who
   * takes them. Rejects with INPUT_NOT_FOUND, INPUT_UNREADABLE (also for a text that has changed), STORE_AUTH or
   * STORE_UNAVAILABLE; messages name the text, never what proves who asks.
   */
  chunks(index: number): AsyncIterable<Uint8Array>;
  /** Ends what is under way. May be called twice. */
  close(): void;
}

export interface SourceReaderOptions {
  /** As `S3Access` of packages/stores has it: may hold credentials, must reach no log. */
  readonly settings: unknown;
  /** All that this worker has of this source, in the order of its input. */
  readonly ranges: readonly SourceRange[];
  /** So many bytes may wait for whoever takes them. */
  readonly mostAheadBytes: number;
  /** Counted up by the reader as it goes. */
  readonly usage: StoreUsage;
  readonly env: Pick<Env, "clock" | "random">;
  readonly signal: AbortSignal;
}

export interface SourceDriver {
  /** Throws INVALID_ARGUMENT. Asks nothing of the source yet. */
  open(options: SourceReaderOptions): SourceReader;
}

export type SourceDrivers = Readonly<Partial<Record<SourceName, SourceDriver>>>;

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
  /** The texts of a bucket whose keys begin so, in order; all, or at least `most` of them. Rejects as a reader does. */
  list(bucket: string, prefix: string, most?: number): Promise<readonly SourceText[]>;
  /** Exactly `length` bytes at `offset`. Rejects as a reader does. */
  read(bucket: string, text: SourceText, offset: number, length: number): Promise<Uint8Array>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** The source that a text's name belongs to; undefined for a file's. */
export const sourceOf = (name: string): SourceName | undefined =>
  sourceNames.find((source) => name.startsWith(`${source}://`));
