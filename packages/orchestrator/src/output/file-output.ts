// The output as one file. Workers write in any order into a spool beside the target; the commit copies their parts
// into a second file by rank, and renames that one over the target. Whatever happens in between (an error, a full
// disk, SIGKILL), the target is the old file or the whole new one.

import { open, rename } from "node:fs/promises";
import { FnmeshError } from "@fnmesh/core";
import type { OutputSink } from "../jobs/job.ts";
import { createExtents, type Extents } from "./extents.ts";
import { outputError } from "./output-error.ts";
import { createScratch, removeStale, type Scratch } from "./scratch.ts";
import { findTarget, type Target } from "./target.ts";

/** How much is copied at a time. */
const copyBytes = 1024 * 1024;

/**
 * Opens an output file: checks the place and makes the spool, before a job has cost anything. The target itself is
 * untouched until `commit`. Rejects with OUTPUT_UNWRITABLE, as `write` and `commit` do.
 *
 * @example
 * const output = await fileOutput("counts.txt");
 * try { await output.write(1, b); await output.write(0, a); await output.commit(); } finally { await output.discard(); }
 */
export async function fileOutput(path: string): Promise<OutputSink> {
  const target = await findTarget(path);
  try {
    await removeStale(target.directory);
    return createSink(target, await createScratch(target.directory, "parts"));
  } catch (cause) {
    throw outputError(path, target.directory, cause);
  }
}

function createSink(target: Target, spool: Scratch): OutputSink {
  const extents = createExtents();
  const writing = new Set<Promise<void>>();
  let failure: FnmeshError | undefined;
  let committing: Promise<void> | undefined;
  let discarding: Promise<void> | undefined;

  const explain = (cause: unknown) => outputError(target.name, target.directory, cause);
  const refuseIfOver = () => {
    if (failure !== undefined) throw failure;
    if (discarding !== undefined) throw new FnmeshError("CLOSED", `the output ${target.name} is discarded`);
  };
  const commit = async () => {
    await Promise.allSettled(writing);
    refuseIfOver();
    const whole = await createScratch(target.directory, "whole").catch((cause: unknown) => {
      throw explain(cause);
    });
    try {
      await copyParts(spool, extents, whole);
      await publish(whole, target);
    } catch (cause) {
      throw explain(cause);
    } finally {
      await whole.remove();
      await spool.remove();
    }
  };

  return {
    async write(rank, bytes) {
      refuseIfOver();
      if (committing !== undefined) throw new FnmeshError("CLOSED", `the output ${target.name} is committed`);
      const written = writeAll(spool, bytes, extents.append(rank, bytes.length)).catch((cause: unknown) => {
        // A part is missing now: nothing may be committed any more.
        failure ??= explain(cause);
        throw failure;
      });
      writing.add(written);
      await written.finally(() => writing.delete(written));
    },
    commit() {
      committing ??= commit();
      return committing;
    },
    discard() {
      discarding ??= (async () => {
        await Promise.allSettled([...writing, committing]);
        await spool.remove();
      })();
      return discarding;
    },
  };
}

async function writeAll({ handle }: Scratch, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function copyParts(spool: Scratch, extents: Extents, whole: Scratch): Promise<void> {
  const buffer = new Uint8Array(copyBytes);
  let filled = 0;
  let position = 0;
  const flush = async () => {
    await writeAll(whole, buffer.subarray(0, filled), position);
    position += filled;
    filled = 0;
  };
  for (const { offset, length } of extents.inOrder()) {
    for (let done = 0; done < length; ) {
      const most = Math.min(length - done, copyBytes - filled);
      const { bytesRead } = await spool.handle.read(buffer, filled, most, offset + done);
      if (bytesRead === 0) throw new Error("the spool is shorter than what was written to it");
      done += bytesRead;
      filled += bytesRead;
      if (filled === copyBytes) await flush();
    }
  }
  await flush();
}

async function publish(whole: Scratch, target: Target): Promise<void> {
  if (target.mode !== undefined) await whole.handle.chmod(target.mode);
  // The content must be on the disk before its name is: else a power failure could leave an empty file.
  await whole.handle.sync();
  await whole.close();
  await rename(whole.path, target.path);
  await syncDirectory(target.directory);
}

async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await open(directory, "r");
    await handle.sync().finally(() => handle.close());
  } catch {
    // Some file systems cannot; the rename is atomic all the same, only maybe not yet durable.
  }
}
