// The real stores behind the channels, each started for the run on a free port of loopback, and ended with it. Workers in
// the lab cannot reach that address: they come by the proxy before it, or not at all.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Rung, StoreRung } from "@fnmesh/core/protocol";
import { startRadosgw } from "../../packages/stores/src/testing/radosgw.ts";
import { startMemcached, startRedis } from "../../packages/stores/src/testing/servers.ts";
import type { SettingOptions } from "./setting.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface StartedStore {
  /** Its model's name. */
  readonly service: "redis" | "memcached" | "s3";
  readonly rungs: readonly StoreRung[];
  readonly address: Address;
  /** For the document: which program, which version. */
  readonly about: string;
  /** What drivers need; `at` is where they reach it: a proxy before it, or itself. */
  settings(at: Address): unknown;
  /** Milliseconds of processor time that its processes have used so far. */
  workMs(): number;
}

type Start = (options: SettingOptions) => Promise<StartedStore>;

/** Which store serves which rungs. */
const starts: readonly { readonly rungs: readonly StoreRung[]; readonly start: Start }[] = [
  { rungs: ["redis"], start: redis },
  { rungs: ["memcached"], start: memcached },
  { rungs: ["s3-naive", "s3-combined"], start: s3 },
];

/** Those that the channels need. */
export async function startStores(
  channels: readonly Rung[],
  options: SettingOptions,
): Promise<readonly StartedStore[]> {
  const stores: StartedStore[] = [];
  for (const { rungs, start } of starts) {
    if (rungs.some((rung) => channels.includes(rung))) stores.push(await start(options));
  }
  return stores;
}

const loopback = "127.0.0.1";

async function redis({ defer }: SettingOptions): Promise<StartedStore> {
  const server = await startRedis();
  defer(() => server.stop());
  return {
    service: "redis",
    rungs: ["redis"],
    address: { host: loopback, port: server.port },
    about: await versionOf("redis-server", "--version"),
    settings: ({ host, port }) => ({ url: `redis://${host}:${port}` }),
    workMs: () => workOf([server.pid]),
  };
}

/** Room for all that a shuffle has under way; an eviction would be a lost message. */
const memcachedMb = 4096;

async function memcached({ defer }: SettingOptions): Promise<StartedStore> {
  const server = await startMemcached({ memoryMb: memcachedMb, evicts: false });
  defer(() => server.stop());
  return {
    service: "memcached",
    rungs: ["memcached"],
    address: { host: loopback, port: server.port },
    about: await versionOf("memcached", "--version"),
    settings: ({ host, port }) => ({ url: `memcached://${host}:${port}` }),
    workMs: () => workOf([server.pid]),
  };
}

/** An S3 by Ceph's object gateway; its objects are in memory, so that no disk is measured. */
async function s3({ defer, say }: SettingOptions): Promise<StartedStore> {
  say("starting an S3 store (Ceph radosgw)");
  const server = await startRadosgw();
  defer(() => server.stop());
  const { hostname: host, port } = new URL(server.settings.endpoint!);
  return {
    service: "s3",
    rungs: ["s3-naive", "s3-combined"],
    address: { host, port: Number(port) },
    about: await versionOf("radosgw", "--version"),
    settings: (at) => ({ ...server.settings, endpoint: `http://${at.host}:${at.port}` }),
    workMs: () => workOf(childrenNamed(["radosgw", "ceph-osd", "ceph-mon"])),
  };
}

/** This process's children of these names: that server is several, and all of them work for it. */
function childrenNamed(names: readonly string[]): readonly number[] {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean);
    return children.map(Number).filter((pid) => names.includes(programOf(pid)));
  } catch {
    return []; // No /proc here: the figure is for people.
  }
}

const programOf = (pid: number): string => readFileSync(`/proc/${pid}/comm`, "utf8").trim();

const versionOf = async (program: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(program, args)).stdout.split("\n")[0]!.trim();

/** A tick of /proc/PID/stat: Linux tells user space a hundred a second, whatever the kernel's own is. */
const msPerTick = 10;

function workOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      // The second field is the program's name in parentheses, which may hold spaces.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ");
      return sum + (Number(fields[11]) + Number(fields[12])) * msPerTick;
    } catch {
      return sum; // No such process any more, or no /proc: the figure is for people.
    }
  }, 0);
}
