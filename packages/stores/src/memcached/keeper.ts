// The orchestrator's side of Memcached: says until when a job may write, and removes what it has left.

import { FnmeshError } from "@fnmesh/core";
import { type Env, nodeEnv, noUsage, type StoreKeeper, type StoreUsage } from "@fnmesh/core/internal";
import { everyJob, leaseName, prefixOf } from "../object-hub/object-name.ts";
import { PassingFailure, retried } from "../retry.ts";
import type { MemcachedSettings } from "../settings.ts";
import { ValueBuffer } from "../wire/line-reader.ts";
import { isError } from "./answer.ts";
import { createMemcachedClient, type MemcachedClient } from "./memcached-client.ts";
import { memcachedAddressOf } from "./memcached-url.ts";

/** A lease tells of a crashed job for so long after its end; by then its values have expired by themselves. */
const leaseMarginSeconds = 24 * 3600;
const removalsAtOnce = 1000;
/** The keeper is asked by people who wait: not longer than this for a server that is away. */
const mostMs = 30_000;

/** Throws INVALID_ARGUMENT. Its calls reject with STORE_UNAVAILABLE. */
export function memcachedKeeper(
  settings: MemcachedSettings,
  env: Pick<Env, "clock" | "random" | "log"> = nodeEnv(),
): StoreKeeper {
  const address = memcachedAddressOf(settings);
  const { clock, random } = env;
  /** A connection for one piece of work. */
  const withClient = async <T>(usage: StoreUsage, work: (client: MemcachedClient) => Promise<T>) => {
    const client = createMemcachedClient({ address, clock });
    try {
      const signal = AbortSignal.timeout(mostMs);
      return await retried({ clock, random, usage, signal }, () => work(client));
    } finally {
      client.close();
    }
  };
  const refuse = (line: string) => {
    throw new FnmeshError("STORE_UNAVAILABLE", `Memcached at ${address.shown} says: ${line.slice(0, 200)}`);
  };

  /** The names of all items of a prefix. */
  const list = async (client: MemcachedClient, prefix: string, usage: StoreUsage): Promise<string[]> => {
    const names: string[] = [];
    const onLine = (line: string) => {
      const key = /^key=(\S+)/.exec(line)?.[1];
      const name = key === undefined ? "" : decodeURIComponent(key);
      if (name.startsWith(prefix)) names.push(name);
    };
    const parts = [Buffer.from("lru_crawler metadump all\r\n")];
    const { line } = await client.ask({ parts, onLine }, usage);
    // One such listing at a time: another orchestrator's.
    if (line.startsWith("BUSY")) {
      throw new PassingFailure(
        "throttled",
        new FnmeshError("STORE_UNAVAILABLE", `Memcached is busy: ${line}`),
      );
    }
    if (isError(line)) refuse(line);
    return names;
  };
  const read = async (client: MemcachedClient, name: string): Promise<string | undefined> => {
    let buffer: ValueBuffer | undefined;
    const value = (length: number) => {
      buffer = new ValueBuffer(length);
      return buffer;
    };
    const { line } = await client.ask({ parts: [Buffer.from(`get ${name}\r\n`)], value }, noUsage());
    if (isError(line)) refuse(line);
    return buffer?.bytes.toString();
  };

  return {
    rungs: ["memcached"],
    lease: (job, until) =>
      withClient(noUsage(), async (client) => {
        const value = String(until);
        // Seconds since 1970, as all of more than 30 days are read.
        const expires = Math.ceil(Math.max(until, Date.now()) / 1000) + leaseMarginSeconds;
        const command = `set ${leaseName(job)} 0 ${expires} ${value.length}\r\n${value}\r\n`;
        const { line } = await client.ask({ parts: [Buffer.from(command)] }, noUsage());
        if (line !== "STORED") refuse(line);
      }),
    sweep: (job, usage) =>
      withClient(usage, async (client) => {
        // Until a listing finds nothing: an item that Memcached moves meanwhile may be missing in one.
        for (;;) {
          const names = await list(client, prefixOf(job), usage);
          if (names.length === 0) return;
          for (let at = 0; at < names.length; at += removalsAtOnce) {
            const removals = names.slice(at, at + removalsAtOnce).map(async (name) => {
              const { line } = await client.ask({ parts: [Buffer.from(`delete ${name}\r\n`)] }, usage);
              if (isError(line)) refuse(line);
            });
            await Promise.all(removals);
          }
        }
      }),
    expired: (now) =>
      withClient(noUsage(), async (client) => {
        const names = await list(client, everyJob, noUsage());
        const jobs = [...new Set(names.map((name) => name.slice(everyJob.length).split("/", 1)[0]!))];
        const leases = await Promise.all(jobs.map((job) => read(client, leaseName(job))));
        // Without a lease it is nobody's that we know: its values expire by themselves.
        return jobs.filter((_, at) => leases[at] !== undefined && Number(leases[at]) < now);
      }),
    close: () => Promise.resolve(),
  };
}
