// From each member a part for each member: straight, or, where parts are small and members many, in bundles, through
// rank 0 or in log2(size) rounds. Who sends decides which part is small, and the bundle says.

import type { Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { isStraight, straight } from "./gather.ts";
import { packParts, transposeParts, unpackParts } from "./parts.ts";
import { othersOf, ranksFrom } from "./tree.ts";

/** `parts` by the rank that each is for; what is returned is by the rank that it is from. */
export async function allToAll(
  exchange: Exchange,
  choices: Choices,
  parts: readonly Part[],
): Promise<readonly Part[]> {
  const choice = choices.allToAll(exchange.size);
  if (choice === "direct" || exchange.size === 1) return await exchangeDirect(exchange, parts);
  const bundled = choice === "bruck" ? exchangeBruck : exchangeAtRoot;
  return await exchangeBundled(exchange, parts, choices.allToAllInlineBytes(exchange.size), bundled);
}

async function exchangeDirect({ rank, size, send, receive }: Exchange, parts: readonly Part[]) {
  const sends = othersOf(rank, size).map((to) => send(to, parts[to]!));
  const received = await Promise.all(
    Array.from({ length: size }, (_, from) => (from === rank ? parts[rank]! : receive(from))),
  );
  await Promise.all(sends);
  return received;
}

type Bundled = (exchange: Exchange, parts: readonly Part[]) => Promise<readonly Part[]>;

/** Small parts by bundles; a large one straight, and a mark for it in the bundle. */
async function exchangeBundled(
  exchange: Exchange,
  parts: readonly Part[],
  mostBytes: number,
  bundled: Bundled,
): Promise<readonly Part[]> {
  const { rank, size, send, receive } = exchange;
  const isLarge = (to: number) => to !== rank && parts[to]!.bytes.length > mostBytes;
  const alone = ranksFrom(rank, size)
    .filter(isLarge)
    .map((to) => send(to, parts[to]!, 1));
  const small = parts.map((part, to) => (to === rank || isLarge(to) ? straight : part));
  const come = await bundled(exchange, small);
  const received = await Promise.all(
    come.map((part, from) => {
      if (from === rank) return parts[rank]!;
      return isStraight(part) ? receive(from, 1) : part;
    }),
  );
  await Promise.all(alone);
  return received;
}

async function exchangeAtRoot({ rank, size, send, receive }: Exchange, parts: readonly Part[]) {
  if (rank > 0) {
    await send(0, packParts(parts));
    return unpackParts(await receive(0));
  }
  const rows = [packParts(parts), ...(await Promise.all(othersOf(0, size).map((from) => receive(from))))];
  const columns = transposeParts(rows);
  await Promise.all(othersOf(0, size).map((to) => send(to, columns[to]!)));
  return unpackParts(columns[0]!);
}

/**
 * In the k-th round everything whose way has the k-th bit goes 2^k further: Bruck et al., "Efficient algorithms for
 * all-to-all communications in multiport message-passing systems" (1997).
 */
async function exchangeBruck({ rank, size, send, receive }: Exchange, parts: readonly Part[]) {
  // Way[i] is what still has i ranks to go, and in the end what came i ranks far.
  const way = ranksFrom(rank, size).map((to) => parts[to]!);
  for (let step = 1; step < size; step *= 2) {
    const moved = way.map((_, index) => index).filter((index) => (index & step) !== 0);
    const bundle = packParts(moved.map((index) => way[index]!));
    const [received] = await Promise.all([
      receive((rank - step + size) % size),
      send((rank + step) % size, bundle),
    ]);
    for (const [at, part] of unpackParts(received).entries()) way[moved[at]!] = part;
  }
  return ranksFrom(0, size).map((from) => way[(rank - from + size) % size]!);
}
