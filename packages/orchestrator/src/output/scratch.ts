// The files that an output is made of before it appears: beside the target, because only within one file system is a
// rename atomic, under names that say whose they are. What a crashed run left behind goes at the next start.

import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

/** Process ids mean something on one host only, and a directory may be shared by several. */
const here = hostname()
  .replaceAll(/[^A-Za-z0-9-]/g, "_")
  .slice(0, 64);

const nameOf = (kind: string, pid: number) =>
  `.fnmesh-output.${here}.${pid}.${randomBytes(6).toString("hex")}.${kind}`;
const namePattern = /^\.fnmesh-output\.([A-Za-z0-9_-]+)\.(\d+)\.[0-9a-f]{12}\.[a-z]+$/;

export interface Scratch {
  readonly path: string;
  readonly handle: FileHandle;
  /** Closes the file. May be called twice. */
  close(): Promise<void>;
  /** Closes and removes the file. May be called twice, and after the file was renamed. */
  remove(): Promise<void>;
}

export async function createScratch(directory: string, kind: "parts" | "whole"): Promise<Scratch> {
  const path = join(directory, nameOf(kind, process.pid));
  const handle = await open(path, "wx+");
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= handle.close();
    return closing;
  };
  return {
    path,
    handle,
    close,
    async remove() {
      await close();
      await rm(path, { force: true });
    },
  };
}

/** Removes what runs on this host that are no more have left in a directory. */
export async function removeStale(directory: string): Promise<void> {
  // A directory that may be written to but not listed is a good place for an output all the same.
  for (const name of await readdir(directory).catch(() => [])) {
    const [, host, pid] = namePattern.exec(name) ?? [];
    if (host !== here || isAlive(Number(pid))) continue;
    // Another user's, in a directory like /tmp, is for that user to remove.
    await rm(join(directory, name), { force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
