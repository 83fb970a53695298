// A worker's own folder for files. It goes when `run` has returned; a worker that is killed cannot clear up, so the next
// one on the machine does: a folder's name says whose it is.

import { readlinkSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const prefix = "fnmesh-scratch-";

export async function openScratch(): Promise<string> {
  await sweepScratch();
  return await mkdtemp(join(tmpdir(), `${prefix}${realm()}-${process.pid}-`));
}

/** Process numbers mean nothing in another PID namespace. */
function realm(): string {
  try {
    return readlinkSync("/proc/self/ns/pid").replace(/\D/g, "");
  } catch {
    return "0"; // Not Linux: there is one.
  }
}

/** Removes what processes have left that are no more, as far as this one may. */
export async function sweepScratch(): Promise<void> {
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix));
  for (const name of names.filter(isOrphan)) {
    // Another user's is for that user's next worker to remove, and one that another worker removes now is gone soon:
    // neither keeps this worker from a folder of its own.
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
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
