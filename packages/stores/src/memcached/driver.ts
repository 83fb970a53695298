// The driver that goes to the workers with the job's code: items of Memcached as the objects of an object hub.

import type { Hub, StoreConnectOptions, StoreDriver } from "@fnmesh/core/internal";
import type { Layout } from "../object-hub/layout.ts";
import { createObjectHub } from "../object-hub/object-hub.ts";
import { PassingFailure } from "../retry.ts";
import { createItemStore } from "./item-store.ts";
import { createMemcachedClient } from "./memcached-client.ts";
import { memcachedAddressOf } from "./memcached-url.ts";
import { usableItemBytes } from "./server-limits.ts";

const kib = 1024;
/** Room for the head of the frame that fills an object. */
const headroomBytes = 64;
const mostChunkBytes = 1024 * kib;
const leastChunkBytes = 64 * kib;

/**
 * Requests cost nothing here and take under a millisecond; what costs is the note to the reader. So frames to one peer
 * that are written within a millisecond share an item, and each item has one reader, who removes it.
 */
function layoutFor(itemBytes: number): Layout {
  const chunkBytes = Math.min(mostChunkBytes, Math.max(itemBytes, leastChunkBytes)) - headroomBytes;
  return {
    chunkBytes,
    gathering: { idleMs: 1, mostMs: 5, enoughBytes: chunkBytes, readers: "one" },
    mostObjectBytes: chunkBytes + headroomBytes,
    mostPuts: 16,
    mostGets: 16,
    mostHeldBytes: 16 * 1024 * kib,
    mostAheadBytes: 32 * 1024 * kib,
    removesWhenRead: true,
  };
}

/** Values outlive the job a little; Memcached takes more than 30 days for a date. */
const marginSeconds = 60;
const mostTtlSeconds = 30 * 24 * 3600 - 1;

async function connect(options: StoreConnectOptions): Promise<Hub> {
  const { job, self, notices, usage, env, signal, remainingMs } = options;
  const address = memcachedAddressOf(options.settings);
  const { clock } = env;
  signal.throwIfAborted();
  const [writer, reader] = [
    createMemcachedClient({ address, clock }),
    createMemcachedClient({ address, clock }),
  ];
  const close = () => {
    writer.close();
    reader.close();
  };
  signal.addEventListener("abort", close, { once: true });
  try {
    const itemBytes = await usableItemBytes(writer, usage, address.shown);
    const ttlSeconds = () =>
      Math.min(Math.ceil(Math.max(remainingMs(), 0) / 1000) + marginSeconds, mostTtlSeconds);
    const store = createItemStore({
      writer,
      reader,
      shown: address.shown,
      itemBytes,
      usage,
      env,
      ttlSeconds,
    });
    const layout = layoutFor(itemBytes);
    return createObjectHub({ path: "memcached", job, self, store, layout, notices, env });
  } catch (error) {
    close();
    signal.throwIfAborted();
    throw error instanceof PassingFailure ? error.final : error;
  } finally {
    signal.removeEventListener("abort", close);
  }
}

/** Memcached 1.4 or later. */
export const driver: StoreDriver = { connect };
