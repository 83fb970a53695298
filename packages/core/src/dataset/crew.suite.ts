// Workers of one process that have datasets, for tests.

import { createTeam, type TeamOptions } from "../group/team.suite.ts";
import type { InputSplit } from "../job/job.ts";
import { inner, type PeersWithInner } from "../peers/inner.ts";
import { type Datasets, type DatasetsOptions, datasets } from "./datasets.ts";
import { compareKeys } from "./key.ts";

export interface CrewOptions extends TeamOptions, DatasetsOptions {
  /** Each worker's files: name and text. */
  readonly input?: (rank: number) => readonly (readonly [name: string, text: string])[];
  /** Bytes of one chunk of a file. */
  readonly chunkBytes?: number;
}

export interface CrewRun<T> {
  /** By rank. */
  readonly results: readonly T[];
  /** Of all workers, in the order of ranks. */
  readonly output: string;
  readonly stages: readonly (readonly string[])[];
}

export async function runCrew<T>(
  options: CrewOptions,
  /** `another` makes the same worker's datasets once more. */
  run: (data: Datasets, rank: number, another: () => Datasets) => Promise<T>,
): Promise<CrewRun<T>> {
  const { peers } = createTeam(options);
  const parts = peers.map(() => "");
  const stages: string[][] = peers.map(() => []);
  const results = await Promise.all(
    peers.map((own, rank) => {
      const worker = {
        rank,
        size: peers.length,
        input: (options.input?.(rank) ?? []).map(([name, text]) => splitOf(name, text, options.chunkBytes)),
        output: {
          async write(bytes: Uint8Array | string) {
            parts[rank] += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString();
          },
        },
        peers: { [inner]: own } as unknown as PeersWithInner,
        async stage<R>(name: string, body: () => Promise<R>): Promise<R> {
          stages[rank]!.push(name);
          return await body();
        },
      };
      const make = () => datasets(worker, options);
      return run(make(), rank, make);
    }),
  );
  return { results, output: parts.join(""), stages };
}

function splitOf(name: string, text: string, chunkBytes = 7): InputSplit {
  const bytes = Buffer.from(text);
  return {
    name,
    bytes: bytes.length,
    async *chunks() {
      for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
    },
    read: async () => bytes,
  };
}

const sorted = (rows: readonly unknown[]): unknown[] =>
  [...rows].sort((left, right) => compareKeys(textOf(left), textOf(right)));
const textOf = (row: unknown): string =>
  JSON.stringify(row, (_, value) =>
    typeof value === "bigint" ? `${value}n` : Number.isNaN(value) ? "NaN" : value,
  );
/** Rows in one order and as text, whichever workers they were on. */
export const plain = (rows: readonly unknown[]) => sorted(rows).map(textOf);
