// From each member a part for each member: straight, or, where parts are small and members many, in log2(size) bundles.

import type { Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { isStraight, straight } from "./gather.ts";
import { packParts, unpackParts } from "./parts.ts";

/** `parts` by the rank that each is for; what is returned is by the rank that it is from. */
export async function allToAll(
  exchange: Exchange,
  choices: Choices,
  parts: readonly Part[],
): Promise<readonly Part[]> {
  return choices.allToAll(exchange.size) === "direct"
    ? await exchangeDirect(exchange, parts)
    : await exchangeBruck(exchange, choices, parts);
}

const ranksFrom = (rank: number, size: number): number[] =>
  Array.from({ length: size }, (_, index) => (rank + index) % size);

async function exchangeDirect({ rank, size, send, receive }: Exchange, parts: readonly Part[]) {
  const sends = ranksFrom(rank + 1, size)
    .filter((to) => to !== rank)
    .map((to) => send(to, parts[to]!));
  const received = await Promise.all(
    Array.from({ length: size }, (_, from) => (from === rank ? parts[rank]! : receive(from))),
  );
  await Promise.all(sends);
  return received;
}

/**
 * In the k-th round everything whose way has the k-th bit goes 2^k further: Bruck et al., "Efficient algorithms for
 * all-to-all communications in multiport message-passing systems" (1997). A large part goes straight instead.
 */
async function exchangeBruck(
  { rank, size, send, receive }: Exchange,
  { inlineBytes }: Choices,
  parts: readonly Part[],
): Promise<readonly Part[]> {
  const isLarge = (part: Part) => part.bytes.length > inlineBytes;
  const ahead = ranksFrom(rank, size);
  const alone = ahead.filter((to) => to !== rank && isLarge(parts[to]!)).map((to) => send(to, parts[to]!, 1));
  // Way[i] is what still has i ranks to go, and in the end what came i ranks far.
  const way = ahead.map((to) => (to !== rank && isLarge(parts[to]!) ? straight : parts[to]!));
  for (let step = 1; step < size; step *= 2) {
    const moved = way.map((_, index) => index).filter((index) => (index & step) !== 0);
    const bundle = packParts(moved.map((index) => way[index]!));
    const [received] = await Promise.all([
      receive((rank - step + size) % size),
      send((rank + step) % size, bundle),
    ]);
    for (const [at, part] of unpackParts(received).entries()) way[moved[at]!] = part;
  }
  const received = await Promise.all(
    Array.from({ length: size }, (_, from) => {
      const part = way[(rank - from + size) % size]!;
      return isStraight(part) ? receive(from, 1) : part;
    }),
  );
  await Promise.all(alone);
  return received;
}
