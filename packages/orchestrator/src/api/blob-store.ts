// Uploaded bytes under the SHA-256 of their content: nobody can put other bytes under a hash, and the same input
// is uploaded once for many jobs.

import { createHash } from "node:crypto";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { HttpError } from "./http-error.ts";
import type { Spool } from "./spool.ts";

/** A blob that stays until it is released. */
export interface BlobLease {
  readonly bytes: number;
  readonly path: string;
  text(): Promise<string>;
  /** May be called twice. */
  release(): void;
}

export interface BlobStore {
  /**
   * Takes a whole blob. Throws BODY_TOO_LARGE, SPOOL_FULL, or INVALID_ARGUMENT when the content has another hash;
   * nothing stays of it then.
   */
  put(hash: string, content: AsyncIterable<Uint8Array>): Promise<{ bytes: number; created: boolean }>;
  bytesOf(hash: string): number | undefined;
  lease(hash: string): BlobLease | undefined;
}

const tooLarge = (mostBytes: number): HttpError =>
  new HttpError("BODY_TOO_LARGE", `a blob has at most ${mostBytes} bytes`, {
    hint: "Cut the input into several blobs.",
    // The rest of the body is not read: the connection is of no more use.
    headers: { Connection: "close" },
  });

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += (await file.write(bytes, at)).bytesWritten;
}

export function createBlobStore(spool: Spool, mostBytes: number): BlobStore {
  const ids = new Map<string, string>();

  const idOf = (hash: string): string | undefined => {
    const id = ids.get(hash);
    if (id === undefined || spool.has(id)) return id;
    ids.delete(hash); // evicted meanwhile
    return undefined;
  };

  /** The content's hash, after writing it under `id`. */
  const write = async (id: string, content: AsyncIterable<Uint8Array>): Promise<string> => {
    const hasher = createHash("sha256");
    const file = await open(spool.path(id), "wx", 0o600);
    try {
      for await (const chunk of content) {
        if (spool.bytesOf(id) + chunk.length > mostBytes) throw tooLarge(mostBytes);
        await spool.charge(id, chunk.length);
        hasher.update(chunk);
        await writeAll(file, chunk);
      }
    } finally {
      await file.close();
    }
    return hasher.digest("hex");
  };

  const accept = async (hash: string, id: string, found: string) => {
    if (found !== hash) {
      throw new HttpError("INVALID_ARGUMENT", `the content's SHA-256 is ${found}, not ${hash}`, {
        hint: "Send the bytes as they are, uncompressed, under the hash of the whole of them.",
      });
    }
    const bytes = spool.bytesOf(id);
    const created = idOf(hash) === undefined;
    if (created) ids.set(hash, id);
    else await spool.remove(id);
    spool.unpin(id);
    return { bytes, created };
  };

  return {
    put: async (hash, content) => {
      const id = spool.create();
      try {
        return await accept(hash, id, await write(id, content));
      } catch (error) {
        await spool.remove(id);
        throw error;
      }
    },
    bytesOf: (hash) => {
      const id = idOf(hash);
      return id === undefined ? undefined : spool.bytesOf(id);
    },
    lease: (hash) => {
      const id = idOf(hash);
      if (id === undefined) return undefined;
      return {
        bytes: spool.bytesOf(id),
        path: spool.path(id),
        text: async () => new TextDecoder("utf-8", { fatal: true }).decode(await readFile(spool.path(id))),
        release: spool.pin(id),
      };
    },
  };
}
