// Object hubs that share a store in memory, and nothing but notes beside it.

import { type Hub, nodeClock, silentLog } from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { combined, type Layout, naive } from "../object-hub/layout.ts";
import { createObjectHub } from "../object-hub/object-hub.ts";
import { Collector, pattern } from "./collector.ts";
import { createMemoryService, createMemoryStore, type MemoryStore } from "./memory-store.ts";
import { createNoticeBoard } from "./notice-board.ts";

/** Frames to one peer share objects, which go when they are read: what suits a memory store. */
const perPeer: Layout = {
  ...combined,
  gathering: { idleMs: 0, mostMs: 5, enoughBytes: 2 ** 20, readers: "one" },
  removesWhenRead: true,
};
export const layouts = { naive, combined, perPeer };

export interface ObjectMeshOptions {
  readonly layout: Layout;
  readonly seed?: number;
  readonly mostDelayMs?: number;
  readonly failing?: number;
  readonly mostBytes?: number;
  readonly attempts?: readonly number[];
}

export function objectMesh(size: number, options: ObjectMeshOptions) {
  const { layout, seed = 1, attempts = [] } = options;
  const board = createNoticeBoard();
  const service = createMemoryService();
  const attemptOf = (rank: number) => attempts[rank] ?? 0;
  const stores: MemoryStore[] = [];
  const hubs: Hub[] = [];
  for (let rank = 0; rank < size; rank += 1) {
    const random = seededRandom(`${seed} ${rank}`);
    const store = createMemoryStore({ service, clock: nodeClock, random, ...options });
    stores.push(store);
    hubs.push(
      createObjectHub({
        path: "s3",
        job: "job1",
        self: { rank, attempt: attemptOf(rank) },
        store,
        layout,
        notices: board.of(rank),
        env: { clock: nodeClock, log: silentLog },
      }),
    );
  }
  const open = (from: number, to: number) =>
    new Collector(hubs[from]!.open({ rank: to, attempt: attemptOf(to) }));
  const close = async () => {
    await Promise.all(hubs.map((hub) => hub.close()));
  };
  return { board, service, stores, hubs, open, close };
}

/** As text: quicker to compare than bytes. */
export const payloads = (frames: readonly { readonly payload: Uint8Array }[]) =>
  frames.map(({ payload }) => Buffer.from(payload).toString("latin1"));
export const patterns = (sizes: readonly number[]) =>
  sizes.map((size, index) => pattern(size, index).toString("latin1"));
