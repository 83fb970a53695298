// The combination of all values up to each member's own: inclusive, or exclusive (MPI's Scan and Exscan).

import type { Choices } from "./choices.ts";
import { copyOf, decodePart, type Exchange, encodePart, type Part, type Steps } from "./exchange.ts";
import { comparedFirst, decodeSegment, decodeWhole, encodeSegment } from "./forms.ts";
import { gather, scatter } from "./gather.ts";
import { type Combiner, isNumericArray, type NumericArray } from "./operation.ts";

/** `exclusive`: of all before this member; undefined for rank 0. */
export type Scanned = Record<Reach, unknown>;
export type Reach = "inclusive" | "exclusive";

export async function scan(
  steps: Steps,
  choices: Choices,
  reach: Reach,
  value: unknown,
  combiner: Combiner,
): Promise<unknown> {
  const exchange = steps(0);
  const { size } = exchange;
  if (size === 1) return reach === "inclusive" ? copyOf(value) : undefined;
  const bytes = isNumericArray(value) ? value.byteLength : 0;
  const choice = choices.scan(size, bytes);
  if (choice === "central") return await scanAtRoot([exchange, steps(1)], choices, reach, value, combiner);
  // From one to the next is the order of an operation that is not associative.
  const chain = choice === "chain" || !combiner.associative;
  const scan = async () => {
    if (!chain) return await scanDoubling(exchange, value, combiner);
    if (!isNumericArray(value)) return await scanChain(exchange, value, combiner);
    return await scanSegments(exchange, choices, value, combiner);
  };
  const scanned = isNumericArray(value)
    ? await comparedFirst(exchange, choices, value.length, scan)
    : await scan();
  return scanned[reach];
}

async function scanAtRoot(
  [up, down]: readonly [Exchange, Exchange],
  choices: Choices,
  reach: Reach,
  value: unknown,
  { combine }: Combiner,
): Promise<unknown> {
  const parts = await gather(up, choices, 0, encodePart(value));
  let sums: Part[] | undefined;
  if (parts !== undefined) {
    let sum: unknown;
    sums = parts.map((part, rank) => {
      const before = sum;
      sum = rank === 0 ? value : combine(before, decodeWhole(part));
      return encodePart(reach === "inclusive" ? sum : before);
    });
  }
  const mine = await scatter(down, choices, 0, sums);
  if (up.rank > 0) return decodePart(mine);
  return reach === "inclusive" ? copyOf(value) : undefined;
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
    const received = rank >= step ? decodeWhole(await receive(rank - step)) : undefined;
    await sent;
    if (rank < step) continue;
    inclusive = combine(received, inclusive);
    exclusive = step === 1 ? received : combine(received, exclusive, exclusive);
  }
  return { inclusive: rank === 0 ? copyOf(value) : inclusive, exclusive };
}

async function scanChain(
  { rank, size, send, receive }: Exchange,
  value: unknown,
  { combine }: Combiner,
): Promise<Scanned> {
  const exclusive = rank === 0 ? undefined : decodeWhole(await receive(rank - 1));
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
    const last = at + step >= value.length;
    if (rank > 0) {
      const before = decodeSegment(await receive(rank - 1), last);
      combine(before, mine, mine);
      (exclusive as Uint8Array).set(before as Uint8Array, at);
    }
    if (rank + 1 < size) sends.push(send(rank + 1, encodeSegment(mine, last)));
  }
  await Promise.all(sends);
  return { inclusive, exclusive };
}
