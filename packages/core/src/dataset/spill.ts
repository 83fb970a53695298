// Blocks of rows on this function's own disk, for what does not fit into its memory. The file has no name once it is
// open, so nothing of it is left however the function ends.

import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "../errors/errors.ts";
import { decodeRows } from "./decode-rows.ts";
import { writeRows } from "./encode-rows.ts";
import { RowWriter } from "./row-writer.ts";

export interface BlockPlace {
  readonly at: number;
  readonly bytes: number;
}

/** Blocks that were written together, in order. */
export type Run = readonly BlockPlace[];

export class SpillFile {
  #file: number | undefined;
  #end = 0;
  /** What is read, before it becomes rows: memory for each block anew would wait for the garbage collector. */
  #block: Buffer = Buffer.alloc(0);
  #writer = new RowWriter();
  readonly #readSync: typeof readSync;

  /** `disk`: another way to read from it, in tests. */
  constructor(disk = { readSync }) {
    this.#readSync = disk.readSync;
  }

  /** Writes a block and says where. Throws LIMIT when the disk is full. */
  write(rows: readonly unknown[]): BlockPlace {
    return this.writeEncoded(writeRows(rows, this.#writer));
  }

  /** The same for rows that are bytes already. */
  writeEncoded(bytes: Uint8Array): BlockPlace {
    const at = this.#end;
    try {
      this.#file ??= openNameless();
      for (let done = 0; done < bytes.length; )
        done += writeSync(this.#file, bytes, done, bytes.length - done, at + done);
    } catch (cause) {
      throw new FnmeshError("LIMIT", `rows cannot be kept on disk: ${(cause as Error).message}`, {
        cause,
        hint: "Give the functions more memory or disk, or take more workers: each then has fewer rows.",
      });
    }
    this.#end += bytes.length;
    return { at, bytes: bytes.length };
  }

  read({ at, bytes }: BlockPlace): unknown[] {
    if (this.#block.length < bytes) this.#block = Buffer.allocUnsafeSlow(bytes);
    const block = this.#block.subarray(0, bytes);
    for (let done = 0; done < bytes; ) {
      const read = this.#readSync(this.#file!, block, done, bytes - done, at + done);
      if (read === 0) throw truncated(this.#file!);
      done += read;
    }
    return decodeRows(block);
  }

  *rowsOf(run: Run): Generator<unknown> {
    for (const place of run) {
      const rows = this.read(place);
      for (let index = 0; index < rows.length; index += 1) {
        const row = rows[index];
        // What is made of a row may be much larger than the row: it shall not live as long as its neighbours do.
        rows[index] = undefined;
        yield row;
      }
    }
  }

  /** May be called twice. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#block = Buffer.alloc(0);
    this.#writer = new RowWriter();
  }
}

const truncated = (file: number): FnmeshError =>
  new FnmeshError("TRUNCATED", "a block on disk that is shorter than it was", {
    hint: `${fstatSync(file).size} bytes are left.`,
  });

function openNameless(): number {
  const path = join(tmpdir(), `fnmesh-spill-${randomBytes(8).toString("hex")}`);
  const file = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return file;
}
