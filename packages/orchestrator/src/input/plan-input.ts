// The job's input: files become parts by rank, of equal size as far as lines allow. A part begins where a line begins
// and ends where one ends, so no line is seen by two workers, or by none.

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { InputPart } from "../jobs/job.ts";
import { createFilePool, type FilePool, type KnownFile } from "./file-pool.ts";
import { inputError, notAFile } from "./input-error.ts";
import { shareInput } from "./share-input.ts";
import { createSlots } from "./slots.ts";

export interface InputRequest {
  /** Paths, from the working directory or absolute; read in this order. */
  readonly files: readonly string[];
  /** Whole texts that are no files; they follow after those. */
  readonly texts?: readonly InputPart[];
  readonly workers: number;
  /** Default: the process's. */
  readonly cwd?: string;
}

export interface InputPlan {
  /** By rank: `parts[rank]` is that worker's. */
  readonly parts: readonly (readonly InputPart[])[];
  readonly bytes: number;
  /** Closes the files. May be called twice. */
  close(): Promise<void>;
}

/**
 * Shares files out to workers. Close the plan when the job has ended. Rejects with INPUT_NOT_FOUND or
 * INPUT_UNREADABLE; so do the parts' reads, also when a file is not any more what it was when it was planned with.
 *
 * @example
 * const input = await planInput({ files: await expandInputs(["logs/*.txt"], cwd), workers: 16, cwd });
 * try { await orchestrator.submit({ …, input: input.parts }).report; } finally { await input.close(); }
 */
export async function planInput(request: InputRequest): Promise<InputPlan> {
  const { files, texts = [], workers, cwd = process.cwd() } = request;
  const known = await Promise.all(files.map(examiner(cwd)));
  const pool = createFilePool();
  const all = [...known.map((file) => wholeOf(file, pool)), ...texts];
  try {
    return {
      parts: await shareInput(all, workers),
      bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
      close: pool.close,
    };
  } catch (error) {
    await pool.close();
    throw error;
  }
}

/** Enough to keep a network file system busy. */
const mostStats = 32;

function examiner(cwd: string): (name: string) => Promise<KnownFile> {
  const slots = createSlots(mostStats);
  return (name) =>
    slots.run(async () => {
      const path = resolve(cwd, name);
      const found = await stat(path).catch((cause: unknown) => {
        throw inputError(name, cause);
      });
      if (!found.isFile()) throw notAFile(name, found.isDirectory());
      return { name, path, size: found.size, modifiedMs: found.mtimeMs };
    });
}

const wholeOf = (file: KnownFile, pool: FilePool): InputPart => ({
  name: file.name,
  bytes: file.size,
  read: (offset, length) => pool.read(file, offset, length),
});
