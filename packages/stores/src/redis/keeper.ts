// The orchestrator's side of Redis: says until when a job may write, and removes what it has left.

import type { FnmeshError } from "@fnmesh/core";
import { type Env, nodeEnv, noUsage, type StoreKeeper, type StoreUsage } from "@fnmesh/core/internal";
import type { RedisSettings } from "../settings.ts";
import { CommandPipe } from "./command-pipe.ts";
import { jobOfLease, keysOfJob, leaseKey, leasePattern } from "./redis-keys.ts";
import { redisAddressOf } from "./redis-url.ts";

/** A lease tells of a crashed job for so long after its end; by then its keys have expired by themselves. */
const leaseMarginMs = 24 * 3600 * 1000;
/** Keys that Redis looks at for one answer: it serves nobody else meanwhile. */
const scanCount = 1000;
const patience = { firstMs: 5_000, laterMs: 10_000 };
const scratchBytes = 64 * 1024;

/** Throws INVALID_ARGUMENT. Its calls reject with STORE_UNAVAILABLE or STORE_AUTH. */
export function redisKeeper(
  settings: RedisSettings,
  env: Pick<Env, "clock" | "random" | "log"> = nodeEnv(),
): StoreKeeper {
  const address = redisAddressOf(settings);
  /** A connection for one piece of work, to the node that has the job's keys. */
  const withPipe = async <T>(job: string, usage: StoreUsage, work: (pipe: CommandPipe) => Promise<T>) => {
    let fail: (error: FnmeshError) => void;
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const pipe = new CommandPipe({
      ...{ address, env, usage, patience, scratchBytes },
      marker: leaseKey(job),
      check: () => undefined,
      onReady: () => {},
      onFailed: (error) => fail(error),
    });
    try {
      return await Promise.race([work(pipe), failed]);
    } finally {
      pipe.destroy();
    }
  };
  return {
    rungs: ["redis"],
    async lease(job, until) {
      const ttlMs = Math.max(until - Date.now(), 0) + leaseMarginMs;
      await withPipe(job, noUsage(), (pipe) =>
        pipe.ask("SET", leaseKey(job), until, "PX", Math.round(ttlMs)),
      );
    },
    sweep: (job, usage) =>
      withPipe(job, usage, async (pipe) => {
        for await (const keys of scan(pipe, keysOfJob(job))) await pipe.ask("UNLINK", ...keys);
      }),
    expired: (now) =>
      withPipe("", noUsage(), async (pipe) => {
        const jobs: string[] = [];
        for await (const keys of scan(pipe, leasePattern)) {
          const leases = await Promise.all(keys.map((key) => pipe.ask("GET", key)));
          for (const [at, key] of keys.entries()) {
            const job = jobOfLease(key);
            if (job !== undefined && leases[at] !== null && Number(leases[at]) < now) jobs.push(job);
          }
        }
        return [...new Set(jobs)];
      }),
    close: () => Promise.resolve(),
  };
}

/** Batches of the keys that match, without empty ones; a key may come twice. */
async function* scan(pipe: CommandPipe, pattern: string): AsyncGenerator<readonly string[]> {
  let cursor = "0";
  do {
    const reply = await pipe.ask("SCAN", cursor, "MATCH", pattern, "COUNT", scanCount);
    const [next, keys] = reply as [Buffer, Buffer[]];
    cursor = String(next);
    if (keys.length > 0) yield keys.map(String);
  } while (cursor !== "0");
}
