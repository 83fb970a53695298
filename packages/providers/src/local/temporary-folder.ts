// A worker's own /tmp, as a function has one: what it leaves there goes when its process ends. A command that is killed
// cannot clear up, so the next one does: a folder's name says whose it is.

import { mkdtempSync, readlinkSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "fnmesh-worker-";
/** No worker lives so long: such a folder is nobody's, whoever made it. */
const oldMs = 60 * 60 * 1000;

export const makeTemporaryFolder = (): string =>
  mkdtempSync(join(tmpdir(), `${prefix}${realm()}-${process.pid}-`));

export const removeTemporaryFolder = (path: string): Promise<void> =>
  // A grandchild may still write for a moment.
  rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });

/** Process numbers mean nothing in another PID namespace. */
function realm(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
  } catch {
    return "0"; // Not Linux: there is one.
  }
}

/** Removes what commands that were killed have left. */
export async function sweepTemporaryFolders(now: number = Date.now()): Promise<void> {
  for (const name of (await readdir(tmpdir())).filter((name) => name.startsWith(prefix))) {
    const path = join(tmpdir(), name);
    if (isOrphan(name) || (await isOld(path, now))) await removeTemporaryFolder(path);
  }
}

function isOrphan(name: string): boolean {
  const [madeIn, pid] = name.slice(prefix.length).split("-");
  if (madeIn !== realm()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** It may go meanwhile, by another command's sweep: then it is not old. */
const isOld = (path: string, now: number): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => now - mtimeMs > oldMs,
    () => false,
  );
