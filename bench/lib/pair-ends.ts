// The two ends of a measured pair, each a process of its own that is steered: fnmesh's workers, or a rival's programs.

import type { End, Steering } from "./control.ts";
import { pin } from "./place.ts";

/** The two ends, by rank. */
export type Pair = readonly [End, End];

/** Waits for both ends of a kind, gives each a core of its own, and lets them connect. */
export async function connectedPair(steering: Steering, kind: string): Promise<Pair> {
  const ends = await steering.ends(2, (hello) => hello.kind === kind);
  const ranked = [...ends].sort((a, b) => Number(a.hello.rank) - Number(b.hello.rank));
  await Promise.all(ranked.map((end, rank) => pin(Number(end.hello.pid), rank)));
  const port = ranked[1]!.hello.port ?? 0;
  await Promise.all(ranked.map((end) => end.ask({ do: "connect", port })));
  return [ranked[0]!, ranked[1]!];
}

const counterpart = { send: "receive", ping: "echo" } as const;

/** Lets the two ends do their parts; what rank 0 measured. */
async function ask<Answer>(
  [first, second]: Pair,
  action: keyof typeof counterpart,
  size: number,
  count: number,
): Promise<Answer> {
  const [measured] = await Promise.all([
    first.ask<Answer>({ do: action, size, count }),
    second.ask({ do: counterpart[action], size, count }),
  ]);
  return measured;
}

/** How long so many messages take until the other end has them all, in milliseconds. */
export const sendTime = async (pair: Pair, bytes: number, count: number): Promise<number> =>
  (await ask<{ readonly ms: number }>(pair, "send", bytes, count)).ms;

/** The median of so many round trips, in microseconds. */
export const roundTrip = async (pair: Pair, bytes: number, count: number): Promise<number> =>
  (await ask<{ readonly medianUs: number }>(pair, "ping", bytes, count)).medianUs;
