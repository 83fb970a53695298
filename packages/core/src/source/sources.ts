// A worker's input as its job gets it: splits with a place in a source are read there, by this worker itself; all others
// come over the control connection, and so do those of a source whose reader the job's code did not bring along.

import type { Env } from "../env/env.ts";
import { inputSplit } from "../job/input-split.ts";
import type { InputSplit } from "../job/job.ts";
import { noUsage, type StoreUsage } from "../store/store.ts";
import {
  type SourceDriver,
  type SourceDrivers,
  type SourceName,
  type SourcePlace,
  type SourceRange,
  type SourceReader,
  sourceOf,
} from "./source.ts";

export interface ToldSplit {
  readonly name: string;
  readonly bytes: number;
  readonly at?: SourcePlace;
}

export interface SourcesOptions {
  readonly splits: readonly ToldSplit[];
  /** By source, as the welcome has them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** They come with the job's code. */
  readonly drivers: Promise<SourceDrivers>;
  readonly memoryMb: number;
  /** The same split, over the control connection. */
  readonly download: (index: number) => InputSplit;
  readonly env: Pick<Env, "clock" | "random">;
  readonly signal: AbortSignal;
}

export interface Sources {
  readonly input: readonly InputSplit[];
  /** What was asked of sources so far; undefined: nothing. */
  usage(): StoreUsage | undefined;
  /** May be called twice. */
  close(): void;
}

/** Enough for a function's network at an object store's latency (16 MiB in 0.2 s), and a small part of its memory. */
const mostAheadBytes = 16 * 1024 * 1024;
const aheadPart = 1 / 16;

export const aheadBytesFor = (memoryMb: number): number =>
  Math.min(mostAheadBytes, memoryMb * 1024 * 1024 * aheadPart);

export function createSources(options: SourcesOptions): Sources {
  const { splits, download } = options;
  const ranges = new Map<SourceName, SourceRange[]>();
  const readers = new Map<SourceName, SourceReader>();
  let usage: StoreUsage | undefined;

  const open = (source: SourceName, driver: SourceDriver): SourceReader => {
    const { settings, memoryMb, env, signal } = options;
    usage ??= noUsage();
    const reader = driver.open({
      settings: settings[source],
      ranges: ranges.get(source) ?? [],
      mostAheadBytes: aheadBytesFor(memoryMb),
      ...{ usage, env, signal },
    });
    readers.set(source, reader);
    return reader;
  };

  async function* chunks(source: SourceName, range: number, index: number): AsyncGenerator<Uint8Array> {
    const driver = (await options.drivers)[source];
    if (driver === undefined) yield* download(index).chunks();
    else yield* (readers.get(source) ?? open(source, driver)).chunks(range);
  }

  const input = splits.map((split, index) => {
    const { name, bytes, at } = split;
    const source = sourceOf(name);
    if (source === undefined || at === undefined) return download(index);
    const mine = ranges.get(source) ?? [];
    ranges.set(source, mine);
    const range = mine.push({ name, bytes, ...at }) - 1;
    return inputSplit(split, () => chunks(source, range, index));
  });
  return {
    input,
    usage: () => usage,
    close() {
      for (const reader of readers.values()) reader.close();
    },
  };
}
