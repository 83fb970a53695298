// Holds workers to their memory limit: one timer samples the resident memory of all processes and reports those that
// are past it. Reading /proc costs about 15 microseconds a process; elsewhere one `ps` serves all.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";

/** A worker can pass its limit by what it allocates in this time; 128 workers cost the orchestrator 2 ms of it. */
const procIntervalMs = 100;
const psIntervalMs = 500;
/** Resident bytes of each process; those that are gone are left out. */
export type RssSampler = (pids: readonly number[]) => Promise<ReadonlyMap<number, number>>;

/** The resident pages in the text of /proc/PID/statm. */
export const residentPages = (statm: string): number => Number(statm.split(" ", 2)[1]);

/** Some arm64 kernels have pages of 16 or 64 KiB. Node knows its own size in bytes, /proc in pages. */
export const pageBytes = (ownBytes: number, ownPages: number): number =>
  2 ** Math.round(Math.log2(ownBytes / ownPages));

/** Bytes by process in the output of `ps -o pid=,rss=`, which counts in KiB. */
export function parsePs(text: string): ReadonlyMap<number, number> {
  const rows = text.matchAll(/^\s*(\d+)\s+(\d+)\s*$/gm);
  return new Map([...rows].map(([, pid, kib]) => [Number(pid), Number(kib) * 1024]));
}

const readPages = (pid: number | "self") => residentPages(readFileSync(`/proc/${pid}/statm`, "latin1"));

function procSampler(): RssSampler {
  const bytes = pageBytes(process.memoryUsage.rss(), readPages("self"));
  return async (pids) => {
    const sizes = new Map<number, number>();
    for (const pid of pids) {
      try {
        sizes.set(pid, readPages(pid) * bytes);
      } catch {
        // The process has just ended: its exit event tells the rest.
      }
    }
    return sizes;
  };
}

const run = promisify(execFile);
const samplePs: RssSampler = async (pids) => {
  // `ps` exits with 1 when one of the processes is gone, and lists the others all the same.
  const listed = run("ps", ["-o", "pid=,rss=", "-p", pids.join(",")], { timeout: 5_000 });
  return parsePs(await listed.then(({ stdout }) => stdout).catch((error) => String(error.stdout ?? "")));
};

export interface MemoryWatch {
  /** Calls `onExceeded` at most once. Returns what ends the watch. */
  add(pid: number, limitBytes: number, onExceeded: () => void): () => void;
}

interface Watched {
  readonly pid: number;
  readonly limitBytes: number;
  readonly onExceeded: () => void;
}

export function createMemoryWatch(): MemoryWatch {
  const proc = existsSync("/proc/self/statm");
  const [sample, intervalMs] = proc ? [procSampler(), procIntervalMs] : [samplePs, psIntervalMs];
  const watched = new Set<Watched>();
  let timer: NodeJS.Timeout | undefined;

  const tick = async () => {
    const sizes = await sample([...watched].map(({ pid }) => pid));
    for (const one of watched) {
      if ((sizes.get(one.pid) ?? 0) <= one.limitBytes) continue;
      watched.delete(one);
      one.onExceeded();
    }
    timer = undefined;
    schedule();
  };
  const schedule = () => {
    if (timer === undefined && watched.size > 0) timer = setTimeout(() => void tick(), intervalMs).unref();
  };

  return {
    add(pid, limitBytes, onExceeded) {
      const one = { pid, limitBytes, onExceeded };
      watched.add(one);
      schedule();
      return () => void watched.delete(one);
    },
  };
}
