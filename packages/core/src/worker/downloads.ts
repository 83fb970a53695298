// What a worker pulls from the orchestrator over the control connection: the job's code, and its parts of the input.
// It asks for a bounded piece at a time, so nothing has to be held back on the other side.

import { createHash } from "node:crypto";
import { type FnmeshError, protocolError } from "../errors/errors.ts";
import { inputSplit } from "../job/input-split.ts";
import type { InputSplit } from "../job/job.ts";
import type { ModuleName } from "../peers/inner.ts";
import { type Blob, blobChunkBytes, type WorkerMessage } from "../protocol/control.ts";

export interface Downloads {
  /** The job's code, or a module beside it; one at a time. Rejects with PROTOCOL when what comes is not what the hash names. */
  code(wanted: ModuleName): Promise<string>;
  split(index: number, about: { readonly name: string; readonly bytes: number }): InputSplit;
  /** A blob came. Throws PROTOCOL for one that nobody asked for. */
  onBlob(blob: Blob): void;
  /** Nothing comes any more. */
  fail(error: FnmeshError): void;
}

interface Waiting {
  resolve(bytes: Uint8Array): void;
  reject(error: FnmeshError): void;
}

/** Pieces asked for ahead of the reader: enough to hide the round trip, little enough to hold. */
const piecesAhead = 4;

const keyOf = (kind: Blob["kind"], id: number, offset: number) => `${kind} ${id} ${offset}`;

export function createDownloads(send: (message: WorkerMessage) => void): Downloads {
  const waiting = new Map<string, Waiting>();
  let failure: FnmeshError | undefined;

  function expect(kind: Blob["kind"], id: number, offset: number): Promise<Uint8Array> {
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => waiting.set(keyOf(kind, id, offset), { resolve, reject }));
  }

  async function code({ hash, bytes }: ModuleName): Promise<string> {
    const offsets = Array.from(
      { length: Math.ceil(bytes / blobChunkBytes) },
      (_, index) => index * blobChunkBytes,
    );
    const coming = offsets.map((offset) => expect("code", 0, offset));
    send({ type: "code", hash });
    const whole = Buffer.concat(await Promise.all(coming));
    if (createHash("sha256").update(whole).digest("hex") !== hash) {
      throw protocolError("the job's code is not what its hash names");
    }
    return whole.toString("utf8");
  }

  async function* chunks(index: number, total: number): AsyncGenerator<Uint8Array> {
    const ahead: Promise<Uint8Array>[] = [];
    let asked = 0;
    for (let read = 0; read < total; ) {
      while (asked < total && ahead.length < piecesAhead) {
        const length = Math.min(blobChunkBytes, total - asked);
        const piece = expect("input", index, asked);
        piece.catch(() => {}); // The reader meets the error when it comes to this piece.
        ahead.push(piece);
        send({ type: "input", split: index, offset: asked, length });
        asked += length;
      }
      const piece = await ahead.shift()!;
      read += piece.length;
      yield piece;
    }
  }

  return {
    code,
    split: (index, about) => inputSplit(about, () => chunks(index, about.bytes)),
    onBlob({ kind, id, offset, bytes }) {
      const key = keyOf(kind, id, offset);
      const waiter = waiting.get(key);
      if (waiter === undefined) throw protocolError(`a ${kind} blob that nobody asked for`);
      waiting.delete(key);
      waiter.resolve(bytes);
    },
    fail(error) {
      failure ??= error;
      for (const { reject } of waiting.values()) reject(failure);
      waiting.clear();
    },
  };
}
