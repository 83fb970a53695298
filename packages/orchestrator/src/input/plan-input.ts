// The job's input: files become parts by rank, of equal size as far as lines allow. A part begins where a line begins
// and ends where one ends, so no line is seen by two workers, or by none.

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { InputPart } from "../jobs/job.ts";
import { evenCuts, type Piece, type Place, piecesOf } from "./cuts.ts";
import { createFilePool, type FilePool, type KnownFile } from "./file-pool.ts";
import { inputError, notAFile } from "./input-error.ts";
import { lineStart } from "./line-border.ts";
import { createSlots } from "./slots.ts";

export interface InputRequest {
  /** Paths, from the working directory or absolute; read in this order. */
  readonly files: readonly string[];
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
export async function planInput({ files, workers, cwd = process.cwd() }: InputRequest): Promise<InputPlan> {
  const known = await Promise.all(files.map(examiner(cwd)));
  const sizes = known.map(({ size }) => size);
  const pool = createFilePool();
  try {
    const cuts = await toLineStarts(evenCuts(sizes, workers), known, pool);
    const pieces = piecesOf(sizes, cuts, workers);
    return {
      parts: pieces.map((mine) => mine.map((piece) => partOf(known[piece.file]!, piece, pool))),
      bytes: sizes.reduce((sum, size) => sum + size, 0),
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

/** Moves each cut to where a line begins. A line so long that its end is not in sight stays whole. */
async function toLineStarts(
  cuts: readonly Place[],
  files: readonly KnownFile[],
  pool: FilePool,
): Promise<readonly Place[]> {
  const moved: (number | undefined)[] = [];
  for (const [index, { file, offset }] of cuts.entries()) {
    const before = cuts[index - 1]?.file === file ? moved[index - 1] : undefined;
    // No line begins between the cut before and the place to which it was moved.
    if (before !== undefined && before >= offset) moved.push(before);
    else moved.push(await lineStart(readerOf(files[file]!, pool), offset, files[file]!.size));
  }
  return cuts.map(({ file }, index) => ({
    file,
    offset: nextFound(cuts, moved, index) ?? files[file]!.size,
  }));
}

const readerOf = (file: KnownFile, pool: FilePool) => (offset: number, length: number) =>
  pool.read(file, offset, length);

/** The first line start that was found for this cut or a later one in the same file. */
function nextFound(cuts: readonly Place[], moved: readonly (number | undefined)[], from: number) {
  for (let index = from; cuts[index]?.file === cuts[from]!.file; index++) {
    if (moved[index] !== undefined) return moved[index];
  }
  return undefined;
}

function partOf(file: KnownFile, { offset: start, bytes }: Piece, pool: FilePool): InputPart {
  return {
    name: file.name,
    bytes,
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes) {
        throw new FnmeshError("INVALID_ARGUMENT", `${length} bytes at ${offset} of a part of ${bytes} bytes`);
      }
      return await pool.read(file, start + offset, length);
    },
  };
}
