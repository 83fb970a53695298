// A job's output in the spool: a file for each rank that wrote something, served one after the other once the job
// has committed. Ranks are not joined into one file: the output is then written once and read once.

import { createReadStream } from "node:fs";
import { appendFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { OutputSink } from "../jobs/job.ts";
import type { Spool } from "./spool.ts";

export interface KeptOutput {
  readonly sink: OutputSink;
  /** Undefined while it is not committed, after discard(), and when it has made room for something newer. */
  open(): OpenOutput | undefined;
  /** Removes it. May be called twice. */
  drop(): Promise<void>;
}

export interface OpenOutput {
  readonly bytes: number;
  /** In the order of ranks. The output stays until the iteration ends. */
  chunks(): AsyncGenerator<Uint8Array>;
}

export function createKeptOutput(spool: Spool): KeptOutput {
  const id = spool.create();
  const folder = spool.path(id);
  const ranks = new Set<number>();
  let state: "open" | "committed" | "discarded" = "open";
  const partPath = (rank: number): string => join(folder, String(rank));

  const drop = async (): Promise<void> => {
    state = "discarded";
    await spool.remove(id);
  };

  async function* chunks(): AsyncGenerator<Uint8Array> {
    const release = spool.pin(id);
    try {
      for (const rank of [...ranks].sort((a, b) => a - b)) yield* createReadStream(partPath(rank));
    } finally {
      release();
    }
  }

  const sink: OutputSink = {
    write: async (rank, bytes) => {
      if (state !== "open") throw new Error(`output of rank ${rank} after it was ${state}`);
      await spool.charge(id, bytes.length);
      if (ranks.size === 0) await mkdir(folder, { mode: 0o700, recursive: true });
      ranks.add(rank);
      await appendFile(partPath(rank), bytes, { mode: 0o600 });
    },
    commit: async () => {
      if (state !== "open") throw new Error(`a commit of an output that was ${state}`);
      state = "committed";
      spool.unpin(id);
    },
    discard: async () => {
      if (state === "open") await drop();
    },
  };

  return {
    sink,
    drop,
    open: () => (state === "committed" && spool.has(id) ? { bytes: spool.bytesOf(id), chunks } : undefined),
  };
}
