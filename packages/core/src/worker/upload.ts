// A worker's part of the output, on its way to the orchestrator in large pieces.

import type { Output } from "../job/job.ts";
import { type Blob, blobChunkBytes } from "../protocol/control.ts";

export interface Upload {
  readonly output: Output;
  /** Sends the rest, and that it was the rest. */
  end(): Promise<void>;
}

export function createUpload(sendBlob: (blob: Blob) => Promise<void>): Upload {
  let pending = Buffer.allocUnsafeSlow(blobChunkBytes);
  let filled = 0;
  let offset = 0;
  /** Writes go one after the other, also when nobody awaits them. */
  let turn: Promise<void> = Promise.resolve();

  async function flush(last: boolean): Promise<void> {
    const bytes = pending.subarray(0, filled);
    pending = Buffer.allocUnsafeSlow(blobChunkBytes);
    filled = 0;
    const at = offset;
    offset += bytes.length;
    await sendBlob({ kind: "output", last, id: 0, offset: at, bytes });
  }

  async function append(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(blobChunkBytes - filled, bytes.length - at);
      pending.set(bytes.subarray(at, at + count), filled);
      filled += count;
      at += count;
      if (filled === blobChunkBytes) await flush(false);
    }
  }

  return {
    output: {
      write(data) {
        const bytes = typeof data === "string" ? Buffer.from(data) : data;
        turn = turn.then(() => append(bytes));
        return turn;
      },
    },
    end() {
      turn = turn.then(() => flush(true));
      return turn;
    },
  };
}
