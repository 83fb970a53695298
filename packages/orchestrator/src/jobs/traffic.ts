// Which pairs talk, over which path and since when, and how much: kept up to date as telemetry comes in. Pure.
// The work for one telemetry message is proportional to its length.

import type { PathName } from "@fnmesh/core";
import type { MessageBody, WorkerMessage } from "@fnmesh/core/protocol";
import type { JobReport, PairPath } from "./job.ts";

export type PeerTraffic = MessageBody<WorkerMessage, "telemetry">["peers"][number];

/** What one end of a pair has told last. */
interface Side {
  readonly path: PathName;
  readonly atMs: number;
  readonly reason: string | undefined;
  /** By path, the bytes that it has sent. */
  readonly bytes: readonly (readonly [PathName, number])[];
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

  /**
   * `rank`'s totals so far: they replace what it told before. `atMs` is when it tells, `welcomedAtMs` when it was let
   * in, both since the job was submitted.
   */
  update(rank: number, peers: readonly PeerTraffic[], { atMs = 0, welcomedAtMs = 0 } = {}): void {
    for (const peer of peers) {
      if (peer.rank === rank || peer.rank >= this.#size) continue;
      const key = Math.min(rank, peer.rank) * this.#size + Math.max(rank, peer.rank);
      const pair = this.#pairs.get(key) ?? {};
      this.#count(pair, -1);
      const end = rank < peer.rank ? "low" : "high";
      const before = pair[end]?.path === peer.path ? pair[end].atMs : atMs;
      pair[end] = sideOf(peer, peer.sinceMs === undefined ? before : welcomedAtMs + peer.sinceMs);
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

  /** The same pairs one by one, in the order of ranks. */
  paths(): readonly PairPath[] {
    const keys = [...this.#pairs.keys()].sort((a, b) => a - b);
    return keys.flatMap((key) => {
      const pair = this.#pairs.get(key)!;
      const teller = tellerOf(pair);
      if (teller === undefined) return [];
      const other = teller === pair.low ? pair.high : undefined;
      const reason = teller.reason ?? (other?.path === teller.path ? other.reason : undefined);
      return {
        ranks: [Math.floor(key / this.#size), key % this.#size] as const,
        path: teller.path,
        atMs: Math.round(teller.atMs),
        ...(reason === undefined ? {} : { reason }),
      };
    });
  }

  #count(pair: Pair, sign: 1 | -1): void {
    const teller = tellerOf(pair);
    if (teller !== undefined) this.#pairCounts[teller.path] += sign;
    for (const side of [pair.low, pair.high]) {
      for (const [path, bytes] of side?.bytes ?? []) this.#byteCounts[path] += sign * bytes;
    }
  }
}

/** Whose word counts; undefined for a pair that only stands and has carried nothing. */
const tellerOf = ({ low, high }: Pair): Side | undefined =>
  low?.active || high?.active ? (low ?? high) : undefined;

function sideOf({ path, reason, earlier = [], ...peer }: PeerTraffic, atMs: number): Side {
  const before = earlier.reduce((sum, each) => sum + each.sentBytes, 0);
  return {
    path,
    atMs,
    reason,
    bytes: [
      ...earlier.map((each) => [each.path, each.sentBytes] as const),
      [path, Math.max(0, peer.sentBytes - before)],
    ],
    active: peer.sentMessages + peer.receivedMessages > 0,
  };
}
