// A job's output in the spool: a file like any other output's, in a folder of its own, served once the job has committed.

import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { OutputSink } from "../jobs/job.ts";
import { fileOutput } from "../output/index.ts";
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
  /** The output stays until the iteration ends. */
  chunks(): AsyncGenerator<Uint8Array>;
}

/** Rejects with OUTPUT_UNWRITABLE. */
export async function createKeptOutput(spool: Spool): Promise<KeptOutput> {
  const id = spool.create();
  const path = join(spool.path(id), "output");
  await mkdir(spool.path(id), { mode: 0o700 });
  const file = await fileOutput(path);
  let committed = false;

  const drop = async (): Promise<void> => {
    await file.discard();
    await spool.remove(id);
  };
  const sink: OutputSink = {
    write: async (rank, bytes) => {
      await spool.charge(id, bytes.length).catch((cause: unknown) => {
        throw spoolFull(cause);
      });
      await file.write(rank, bytes);
    },
    commit: async () => {
      await file.commit();
      committed = true;
      spool.unpin(id);
    },
    discard: async () => {
      if (!committed) await drop();
    },
  };
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const release = spool.pin(id);
    try {
      yield* createReadStream(path);
    } finally {
      release();
    }
  }
  return {
    sink,
    drop,
    open: () => (committed && spool.has(id) ? { bytes: spool.bytesOf(id), chunks } : undefined),
  };
}

const spoolFull = (cause: unknown): FnmeshError =>
  new FnmeshError("OUTPUT_UNWRITABLE", "the orchestrator's spool has no room for the job's output", {
    cause,
    hint: "Wait for running jobs to end, or give the orchestrator a larger spool.",
  });
