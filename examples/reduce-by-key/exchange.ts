// The ways in which these workers talk: all to one, one to all, all to all. Bytes only.

import type { Worker } from "fnmesh";

type Team = Pick<Worker, "rank" | "size" | "peers">;

/** All ranks but this one's, its right neighbour first: so not all begin with the same one. */
export const othersOf = ({ rank, size }: Pick<Worker, "rank" | "size">): number[] =>
  Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);

async function receiveBytes({ peers }: Team, from: number, tag: number): Promise<Uint8Array> {
  return (await peers.receive<Uint8Array>({ from, tag })).value;
}

/** Every worker's bytes, by rank, for rank 0; nothing for the others. */
export async function gather(team: Team, mine: Uint8Array, tag: number): Promise<readonly Uint8Array[]> {
  if (team.rank !== 0) {
    await team.peers.send(0, mine, { tag });
    return [];
  }
  const theirs = othersOf(team).map((from) => receiveBytes(team, from, tag));
  return [mine, ...(await Promise.all(theirs))];
}

/** Rank 0's bytes, for all. */
export async function broadcast(team: Team, bytes: Uint8Array | undefined, tag: number): Promise<Uint8Array> {
  if (team.rank !== 0) return await receiveBytes(team, 0, tag);
  const own = bytes ?? new Uint8Array(0);
  await Promise.all(othersOf(team).map((to) => team.peers.send(to, own, { tag })));
  return own;
}

/**
 * Sends messages[r] to each rank r and takes one message from each; what is returned is by rank. Everybody sends and
 * receives at the same time: a worker that would first send all and then receive could wait for one that does too.
 */
export async function allToAll(
  team: Team,
  messages: readonly Uint8Array[],
  tag: number,
  onReceived: (done: number, total: number) => void,
): Promise<readonly Uint8Array[]> {
  const received: Uint8Array[] = [];
  received[team.rank] = messages[team.rank]!;
  const others = othersOf(team);
  let done = 0;
  const receives = others.map(async (from) => {
    received[from] = await receiveBytes(team, from, tag);
    done += 1;
    onReceived(done, others.length);
  });
  await Promise.all([...receives, ...others.map((to) => team.peers.send(to, messages[to]!, { tag }))]);
  return received;
}
