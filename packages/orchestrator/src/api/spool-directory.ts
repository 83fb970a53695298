// The private directory in which one run of the API keeps files, and the end of directories whose run crashed.
// The name says whose it is, so that it is never without an owner:
//
//   fnmesh-spool-<boot id, 8 hex>-<pid namespace>-<pid>-<process start>-<random>
//
// A pid alone would not do: it is reused, and containers that share /tmp each have a pid 1.

import { lstat, mkdtemp, readdir, readFile, readlink, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "@fnmesh/core";
import { bootId } from "../boot-id.ts";

export interface SpoolOwner {
  readonly boot: string;
  readonly namespace: string;
  readonly pid: number;
  /** In clock ticks since the boot, from /proc; "0" where the platform has none. */
  readonly started: string;
}

const pattern = /^fnmesh-spool-([0-9a-f]{8})-(\d+)-(\d+)-(\d+)-[A-Za-z0-9]+$/;

export const spoolPrefix = ({ boot, namespace, pid, started }: SpoolOwner): string =>
  `fnmesh-spool-${boot}-${namespace}-${pid}-${started}-`;

export function parseSpoolOwner(name: string): SpoolOwner | undefined {
  const match = pattern.exec(name);
  if (match === null) return undefined;
  return { boot: match[1]!, namespace: match[2]!, pid: Number(match[3]), started: match[4]! };
}

/** Another boot may be another machine with which this one shares a disk: it gets time. */
export const foreignBootGraceMs = 7 * 24 * 3_600_000;

export interface OwnerState {
  readonly self: SpoolOwner;
  /** When the process with that pid started; undefined when there is none. */
  readonly startedNow: string | undefined;
  readonly untouchedMs: number;
}

/** Whether the run that made a directory is certainly over. */
export function isAbandoned(owner: SpoolOwner, { self, startedNow, untouchedMs }: OwnerState): boolean {
  if (owner.boot !== self.boot) return untouchedMs > foreignBootGraceMs;
  if (owner.namespace !== self.namespace) return false;
  return startedNow === undefined || startedNow !== owner.started;
}

/** Undefined when no process has that pid. */
async function processStart(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "latin1");
    // The second field, the name in parentheses, may hold anything; the 22nd is the start.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "0";
  } catch {
    return process.platform === "linux" ? undefined : portableStart(pid);
  }
}

function portableStart(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return "0";
  } catch (error) {
    // EPERM: it lives, under another user.
    return (error as NodeJS.ErrnoException).code === "ESRCH" ? undefined : "0";
  }
}

export async function thisOwner(): Promise<SpoolOwner> {
  // Linux's; elsewhere one namespace stands for all.
  const namespace = await readlink("/proc/self/ns/pid").catch(() => "");
  return {
    boot: await bootId(),
    namespace: /\d+/.exec(namespace)?.[0] ?? "0",
    pid: process.pid,
    started: (await processStart(process.pid)) ?? "0",
  };
}

async function removeIfAbandoned(parent: string, name: string, self: SpoolOwner): Promise<boolean> {
  const owner = parseSpoolOwner(name);
  if (owner === undefined) return false;
  const path = join(parent, name);
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return false;
  const untouchedMs = Date.now() - stat.mtimeMs;
  if (!isAbandoned(owner, { self, startedNow: await processStart(owner.pid), untouchedMs })) return false;
  await rm(path, { recursive: true, force: true });
  return true;
}

/** Makes this run's directory (mode 0700) in `parent`, after removing those that crashed runs left there. */
export async function createSpoolDirectory(parent: string, log: Log): Promise<string> {
  const self = await thisOwner();
  for (const name of await readdir(parent)) {
    try {
      if (await removeIfAbandoned(parent, name, self)) log.info("removed a crashed run's spool", { name });
    } catch (error) {
      // Another start may be removing the same one; what stays is tried again at the next.
      log.warn("could not remove a crashed run's spool", { name, error: String(error) });
    }
  }
  return mkdtemp(join(parent, spoolPrefix(self)));
}
