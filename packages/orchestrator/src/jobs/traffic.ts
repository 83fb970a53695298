// Which pairs talk, over which path, and how much: kept up to date as telemetry comes in. Pure.
// The work for one telemetry message is proportional to its length.

import type { PathName } from "@fnmesh/core";
import type { JobReport } from "./job.ts";

export interface PeerTraffic {
  readonly rank: number;
  readonly path: PathName;
  readonly sentMessages: number;
  readonly sentBytes: number;
  readonly receivedMessages: number;
  readonly receivedBytes: number;
}

interface Side {
  readonly path: PathName;
  readonly sentBytes: number;
  readonly active: boolean;
}

interface Pair {
  low?: Side;
  high?: Side;
}

const zeroByPath = (): Record<PathName, number> => ({ direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 });

export class Traffic {
  readonly #size: number;
  readonly #pairs = new Map<number, Pair>();
  readonly #pairCounts = zeroByPath();
  readonly #byteCounts = zeroByPath();

  constructor(size: number) {
    this.#size = size;
  }

  /** `rank`'s totals so far: they replace what it told before. */
  update(rank: number, peers: readonly PeerTraffic[]): void {
    for (const peer of peers) {
      if (peer.rank === rank || peer.rank >= this.#size) continue;
      const key = Math.min(rank, peer.rank) * this.#size + Math.max(rank, peer.rank);
      const pair = this.#pairs.get(key) ?? {};
      this.#count(pair, -1);
      const side: Side = {
        path: peer.path,
        sentBytes: peer.sentBytes,
        active: peer.sentMessages + peer.receivedMessages > 0,
      };
      if (rank < peer.rank) pair.low = side;
      else pair.high = side;
      this.#pairs.set(key, pair);
      this.#count(pair, 1);
    }
  }

  /** Unordered pairs that carried a message: by the path that the lower rank tells, if it has told. */
  pairs(): JobReport["pairs"] {
    return { ...this.#pairCounts };
  }

  /** Payload bytes sent. */
  bytes(): JobReport["bytes"] {
    const { direct, relay, redis, memcached, s3 } = this.#byteCounts;
    return { direct, relay, store: redis + memcached + s3 };
  }

  #count(pair: Pair, sign: 1 | -1): void {
    const teller = pair.low ?? pair.high;
    if (teller !== undefined && (pair.low?.active || pair.high?.active)) {
      this.#pairCounts[teller.path] += sign;
    }
    for (const side of [pair.low, pair.high]) {
      if (side !== undefined) this.#byteCounts[side.path] += sign * side.sentBytes;
    }
  }
}
