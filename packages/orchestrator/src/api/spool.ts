// Files that the API keeps while it runs: uploaded blobs and jobs' outputs, in one private directory with one limit.
// Each file or folder has an id that is never used again, so that removing one cannot meet a new one.

import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@fnmesh/core";
import { createSpoolDirectory } from "./spool-directory.ts";
import { SpoolLedger } from "./spool-ledger.ts";

export interface Spool {
  /** A new id, pinned once, with nothing under its path yet. */
  create(): string;
  path(id: string): string;
  has(id: string): boolean;
  bytesOf(id: string): number;
  /** To be called before `bytes` are written under an id. Throws SPOOL_FULL. */
  charge(id: string, bytes: number): Promise<void>;
  /** Keeps an id until the returned function is called, once or more often. */
  pin(id: string): () => void;
  /** Gives up the pin of `create`: from now on the id may be evicted. */
  unpin(id: string): void;
  remove(id: string): Promise<void>;
  /** Removes everything. May be called twice. */
  close(): Promise<void>;
}

export interface SpoolOptions {
  /** Where the private directory is made. */
  readonly parent: string;
  readonly mostBytes: number;
  readonly log: Log;
}

export async function createSpool({ parent, mostBytes, log }: SpoolOptions): Promise<Spool> {
  const directory = await createSpoolDirectory(parent, log);
  const ledger = new SpoolLedger(mostBytes);
  const path = (id: string): string => join(directory, id);
  const erase = (id: string) => rm(path(id), { recursive: true, force: true });

  return {
    create: () => {
      const id = randomUUID();
      ledger.add(id);
      return id;
    },
    path,
    has: (id) => ledger.has(id),
    bytesOf: (id) => ledger.bytesOf(id),
    charge: async (id, bytes) => {
      await Promise.all(ledger.charge(id, bytes).map(erase));
    },
    pin: (id) => {
      ledger.pin(id);
      let held = true;
      return () => {
        if (held) ledger.unpin(id);
        held = false;
      };
    },
    unpin: (id) => ledger.unpin(id),
    remove: (id) => {
      ledger.remove(id);
      return erase(id);
    },
    close: () => rm(directory, { recursive: true, force: true }),
  };
}
