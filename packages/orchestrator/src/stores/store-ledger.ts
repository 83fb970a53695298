// What a crash would leave in stores, written down beforehand: one private directory for each running orchestrator, with
// one file for each job that may have written something, and a socket that answers for as long as its owner lives. A
// pid would not do: the owner may stand in a process namespace of its own. No file holds a secret.
//
//   fnmesh-stores-<boot id, 8 hex>-<random>/   alive (socket)   <job> (JSON) …

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { lstat, readdir, readFile, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Log } from "@fnmesh/core";
import { bootId } from "../boot-id.ts";

/** A job that may have left something. */
export interface LedgerJob {
  readonly job: string;
  /** Where, as `places` of the ledger names its stores. */
  readonly places: readonly string[];
  /** Milliseconds since 1970: what expires by itself, and by its lease, is gone then. */
  readonly until: number;
}

export interface StoreLedger {
  /** Before the first byte of the job is written to a store. Rejects when this cannot be written down. */
  add(job: LedgerJob): Promise<void>;
  /** Nothing of the job is left. */
  remove(job: string): void;
  /** Jobs that crashed orchestrators of this machine and user have left. */
  orphans(): Promise<readonly OrphanedJob[]>;
  /** Removes the directory unless it still names a job. May be called twice. */
  close(): Promise<void>;
}

export interface OrphanedJob extends LedgerJob {
  /** It is dealt with: no start need look at it again. */
  settle(): Promise<void>;
}

const prefixOf = (boot: string) => `fnmesh-stores-${boot}-`;
const namePattern = /^fnmesh-stores-[0-9a-f]{8}-[A-Za-z0-9]{6}$/;
const jobPattern = /^[a-z0-9]{1,64}$/;
const aliveName = "alive";

/** `parent`: where directories of all runs of this user are looked for and made, such as the system's temporary one. */
export function openStoreLedger(parent: string, log: Log): StoreLedger {
  let opened: Promise<Opened> | undefined;
  return {
    async add({ job, places, until }) {
      opened ??= open(parent);
      const { directory } = await opened;
      writeFileSync(join(directory, job), JSON.stringify({ places, until }), { mode: 0o600, flag: "wx" });
    },
    remove(job) {
      const forget = ({ directory }: Opened) => rmSync(join(directory, job), { force: true });
      // One that could not be opened was told of when it was, and holds nothing.
      void opened?.then(forget).catch(() => {});
    },
    orphans: () => findOrphans(parent, log),
    async close() {
      const made = await opened?.catch(() => undefined);
      if (made === undefined) return;
      await new Promise((resolve) => made.server.close(resolve));
      await removeIfEmpty(made.directory);
    },
  };
}

interface Opened {
  readonly directory: string;
  readonly server: Server;
}

async function open(parent: string): Promise<Opened> {
  const directory = mkdtempSync(join(parent, prefixOf(await bootId())));
  try {
    return { directory, server: await answer(join(directory, aliveName)) };
  } catch (error) {
    rmSync(directory, { recursive: true, force: true });
    throw error;
  }
}

/** Whoever connects learns that we live. */
function answer(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.unref();
    server.once("error", reject);
    server.listen(path, () => resolve(server));
  });
}

/** Between the making of a directory and that of its socket, or between their ends, lies a moment. */
const momentMs = 60_000;

/** Whether somebody listens there, or may be about to. */
function isAlive(path: string, untouchedMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const told = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.once("connect", () => told(true));
    socket.once("error", ({ code }: NodeJS.ErrnoException) =>
      told(code === "ENOENT" ? untouchedMs < momentMs : code !== "ECONNREFUSED"),
    );
  });
}

async function findOrphans(parent: string, log: Log): Promise<readonly OrphanedJob[]> {
  const boot = prefixOf(await bootId());
  const found: OrphanedJob[] = [];
  for (const name of await readdir(parent).catch(() => [])) {
    // Another boot's may be another machine's with which this one shares a disk: its jobs' leases tell of them.
    if (!namePattern.test(name) || !name.startsWith(boot)) continue;
    try {
      found.push(...(await orphansIn(join(parent, name))));
    } catch (error) {
      log.debug("a ledger of stores could not be read", { name, detail: String(error) });
    }
  }
  return found;
}

async function orphansIn(directory: string): Promise<OrphanedJob[]> {
  const stat = await lstat(directory);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) return [];
  if (await isAlive(join(directory, aliveName), Date.now() - stat.mtimeMs)) return [];
  const jobs = (await readdir(directory)).filter((name) => jobPattern.test(name) && name !== aliveName);
  if (jobs.length === 0) await removeIfEmpty(directory);
  return await Promise.all(
    jobs.map(async (job) => ({
      job,
      ...parse(await readFile(join(directory, job), "utf8")),
      settle: async () => {
        await rm(join(directory, job), { force: true });
        await removeIfEmpty(directory);
      },
    })),
  );
}

/** A file that was cut off in the middle was written before anything else was: it names nothing. */
function parse(text: string): Pick<LedgerJob, "places" | "until"> {
  try {
    const { places, until } = JSON.parse(text) as Partial<LedgerJob>;
    if (Array.isArray(places) && typeof until === "number") return { places: places.map(String), until };
  } catch {}
  return { places: [], until: 0 };
}

/** With the socket of its owner, who is no more, or is closing. */
async function removeIfEmpty(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  if (names.some((name) => name !== aliveName)) return;
  await rm(directory, { recursive: true, force: true });
}
