// An object store in memory that may be slow, reorder, and fail: what decides is the seed.

import { FnmeshError } from "@fnmesh/core";
import { type Clock, noUsage, type StoreUsage } from "@fnmesh/core/internal";
import type { SeededRandom } from "@fnmesh/core/testing";
import type { ObjectRange, ObjectStore } from "../object-hub/object-store.ts";
import { PassingFailure, retried } from "../retry.ts";

/** What the stores of several workers have in common. */
export interface MemoryService {
  readonly objects: Map<string, Buffer>;
  /** What every request meets from now on. */
  failure: FnmeshError | undefined;
}

export const createMemoryService = (): MemoryService => ({ objects: new Map(), failure: undefined });

export interface MemoryStoreOptions {
  readonly service: MemoryService;
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly mostBytes?: number;
  /** Each request takes up to this long, so a later one may be answered first. Default: 0. */
  readonly mostDelayMs?: number;
  /** The part of requests that fail in passing, 0 to 1. Default: 0. */
  readonly failing?: number;
}

export interface MemoryStore extends ObjectStore {
  readonly usage: StoreUsage;
  /** The most requests of a kind that were under way at once. */
  readonly busiest: { readonly puts: number; readonly gets: number };
}

export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { service, clock, random, mostBytes = 2 ** 30, mostDelayMs = 0, failing = 0 } = options;
  const usage = noUsage();
  const busiest = { puts: 0, gets: 0 };
  const running = { puts: 0, gets: 0 };

  const request = async <T>(kind: "puts" | "gets", signal: AbortSignal, act: () => T): Promise<T> => {
    running[kind] += 1;
    busiest[kind] = Math.max(busiest[kind], running[kind]);
    try {
      return await retried({ clock, random, usage, signal }, async () => {
        usage[kind] += 1;
        await new Promise<void>((resolve) => clock.setTimer(random.unit() * mostDelayMs, resolve));
        if (service.failure !== undefined) throw service.failure;
        const final = new FnmeshError("STORE_UNAVAILABLE", "the store in memory is busy");
        if (random.unit() < failing) throw new PassingFailure("throttled", final);
        return act();
      });
    } finally {
      running[kind] -= 1;
    }
  };

  return {
    mostBytes,
    usage,
    busiest,
    put: (name, parts, signal) =>
      request("puts", signal, () => {
        const value = Buffer.concat(parts);
        if (value.length > mostBytes) throw new FnmeshError("INTERNAL", `an object of ${value.length} bytes`);
        if (service.objects.has(name)) throw new FnmeshError("INTERNAL", `${name} is written twice`);
        service.objects.set(name, value);
        usage.writtenBytes += value.length;
      }),
    get: ({ name, offset, length }: ObjectRange, signal, into) =>
      request("gets", signal, () => {
        const found = service.objects.get(name)?.subarray(offset, offset + length);
        if (found?.length !== length) throw new FnmeshError("STORE_LOST", `${name} is gone`);
        usage.readBytes += length;
        const bytes = into ?? Buffer.alloc(length);
        bytes.set(found);
        return bytes;
      }),
    remove: async (names) => {
      usage.deletes += 1;
      for (const name of names) service.objects.delete(name);
    },
    close: async () => {},
  };
}
