// The combination of all values up to each member's own: inclusive, or exclusive (MPI's Scan and Exscan).

import type { Choices } from "./choices.ts";
import { copyOf, decodePart, type Exchange, encodePart } from "./exchange.ts";
import { type Combiner, isNumericArray, type NumericArray } from "./operation.ts";

export interface Scanned {
  readonly inclusive: unknown;
  /** Of all before this member; undefined for rank 0. */
  readonly exclusive: unknown;
}

export async function scan(
  exchange: Exchange,
  choices: Choices,
  value: unknown,
  combiner: Combiner,
): Promise<Scanned> {
  if (exchange.size === 1) return { inclusive: copyOf(value), exclusive: undefined };
  const bytes = isNumericArray(value) ? value.byteLength : 0;
  // From one to the next is the order of an operation that is not associative.
  const chain = !combiner.associative || choices.scan(exchange.size, bytes) === "chain";
  if (!chain) return await scanDoubling(exchange, value, combiner);
  return isNumericArray(value)
    ? await scanSegments(exchange, choices, value, combiner)
    : await scanChain(exchange, value, combiner);
}

/** In the k-th round from the one 2^k before: Hillis and Steele, "Data parallel algorithms" (1986). */
async function scanDoubling(
  { rank, size, send, receive }: Exchange,
  value: unknown,
  { combine }: Combiner,
): Promise<Scanned> {
  let inclusive = value;
  let exclusive: unknown;
  for (let step = 1; step < size; step *= 2) {
    const sent = rank + step < size ? send(rank + step, encodePart(inclusive)) : undefined;
    const received = rank >= step ? decodePart(await receive(rank - step)) : undefined;
    await sent;
    if (received === undefined) continue;
    inclusive = combine(received, inclusive);
    exclusive = exclusive === undefined ? received : combine(received, exclusive, exclusive);
  }
  return { inclusive: inclusive === value ? copyOf(value) : inclusive, exclusive };
}

async function scanChain(
  { rank, size, send, receive }: Exchange,
  value: unknown,
  { combine }: Combiner,
): Promise<Scanned> {
  const exclusive = rank === 0 ? undefined : decodePart(await receive(rank - 1));
  const inclusive = rank === 0 ? copyOf(value) : combine(exclusive, value);
  if (rank + 1 < size) await send(rank + 1, encodePart(inclusive));
  return { inclusive, exclusive };
}

/** The same, by segments: the next member combines one while this one combines the one after. */
async function scanSegments(
  { rank, size, send, receive }: Exchange,
  { segmentBytes }: Choices,
  value: NumericArray,
  { combine }: Combiner,
): Promise<Scanned> {
  const inclusive = copyOf(value);
  const exclusive = rank === 0 ? undefined : copyOf(value);
  const step = Math.max(1, Math.floor(segmentBytes / value.BYTES_PER_ELEMENT));
  const sends: Promise<void>[] = [];
  // An empty array still has one segment: whoever is next waits for it.
  for (let at = 0; at === 0 || at < value.length; at += step) {
    const mine = inclusive.subarray(at, at + step);
    if (rank > 0) {
      const before = decodePart(await receive(rank - 1));
      combine(before, mine, mine);
      (exclusive as Uint8Array).set(before as Uint8Array, at);
    }
    if (rank + 1 < size) sends.push(send(rank + 1, encodePart(mine)));
  }
  await Promise.all(sends);
  return { inclusive, exclusive };
}
