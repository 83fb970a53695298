// Reductions of arrays that are cut into pieces: everybody combines a part, and all parts together are the result.

import type { Exchange } from "./exchange.ts";
import { decodeBundle, decodePiece, encodeBundle, encodePiece } from "./forms.ts";
import type { Combiner, NumericArray } from "./operation.ts";
import { amongPowerOfTwo, fold, type Place } from "./reduce-whole.ts";
import { othersOf } from "./tree.ts";

/** From each to all: the combination of all members' `parts[rank]`. */
export async function reduceDirect(
  { rank, size, send, receive }: Exchange,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const sends = othersOf(rank, size).map((to) => send(to, encodePiece(parts[to])));
  const mine = await Promise.all(
    Array.from({ length: size }, async (_, from) =>
      from === rank ? parts[rank] : decodePiece(await receive(from)),
    ),
  );
  const sum = fold(mine, combiner);
  await Promise.all(sends);
  return sum;
}

/**
 * Recursive halving: in the k-th round each gives its partner the parts of those whose place differs from its own in the
 * k-th bit, and keeps the others, combined with its partner's. As many bytes as `reduceDirect`, in log2(size) messages.
 */
export async function reduceHalvingParts(
  exchange: Exchange,
  parts: readonly unknown[],
  combiner: Combiner,
): Promise<unknown> {
  const halve = (place: Place, joined: unknown) =>
    keepOwnParts(exchange, place, joined as readonly unknown[], combiner);
  const ownOf = (kept: unknown, rank: number) => (kept as ReadonlyMap<number, unknown>).get(rank);
  return await amongPowerOfTwo(exchange, parts, listsOf(combiner), halve, ownOf);
}

/** Lists of parts, part by part. */
export const listsOf = (combiner: Combiner): Combiner => ({
  ...combiner,
  combine: (left, right, spare) =>
    (left as unknown[]).map((part, at) =>
      combiner.combine(part, (right as unknown[])[at], (spare as unknown[] | undefined)?.[at]),
    ),
});

/** The combined parts of the ranks at this place: one, or two that have joined. */
async function keepOwnParts(
  { send, receive }: Exchange,
  { place, places, rankAt, placeOf }: Place,
  parts: readonly unknown[],
  { combine }: Combiner,
): Promise<ReadonlyMap<number, unknown>> {
  let kept = new Map(parts.entries());
  for (let bit = 1; bit < places; bit *= 2) {
    const isHigh = (place & bit) !== 0;
    const all = [...kept];
    const given = all.filter(([rank]) => ((placeOf(rank) & bit) !== 0) !== isHigh);
    const staying = all.filter(([rank]) => ((placeOf(rank) & bit) !== 0) === isHigh);
    const partner = rankAt(place ^ bit);
    const bundle = encodeBundle(given.map(([, part]) => part));
    const [received] = await Promise.all([receive(partner), send(partner, bundle)]);
    const theirs = decodeBundle(received);
    kept = new Map(
      staying.map(([rank, mine], at) => {
        const their = theirs[at];
        return [rank, isHigh ? combine(their, mine, their) : combine(mine, their, their)];
      }),
    );
  }
  return kept;
}

/** Where the block of each rank begins in an array of so many elements. */
const blockBegin = (length: number, rank: number, size: number): number => Math.floor((length * rank) / size);

/** Each member combines one block of everybody's arrays: (size - 1) / size of an array is sent and received. */
export function reduceBlocks(exchange: Exchange, array: NumericArray, combiner: Combiner): Promise<unknown> {
  const { size } = exchange;
  const blocks = Array.from({ length: size }, (_, rank) =>
    array.subarray(blockBegin(array.length, rank, size), blockBegin(array.length, rank + 1, size)),
  );
  return reduceDirect(exchange, blocks, combiner);
}

/** Each member's block for all, and with them the whole array. */
export async function spreadBlocks(
  { rank, size, send, receive }: Exchange,
  like: NumericArray,
  mine: unknown,
): Promise<NumericArray> {
  const part = encodePiece(mine);
  const others = othersOf(rank, size);
  const sends = others.map((to) => send(to, part));
  const whole = arrayLike(like);
  const put = (block: unknown, from: number) =>
    (whole as Uint8Array).set(block as Uint8Array, blockBegin(like.length, from, size));
  put(mine, rank);
  await Promise.all(others.map(async (from) => put(decodePiece(await receive(from)), from)));
  await Promise.all(sends);
  return whole;
}

/** An array of the same type and length, to be filled. */
export function arrayLike(like: NumericArray): NumericArray {
  // A Buffer is a Uint8Array like another.
  if (like instanceof Uint8Array) return new Uint8Array(like.length);
  const type = Object.getPrototypeOf(like).constructor as { new (length: number): NumericArray };
  return new type(like.length);
}

/**
 * Rabenseifner's: in the k-th round each keeps one half of what it has, combined with its partner's, and gives away the
 * other half; then the way back, where the halves come together again. As many bytes as `reduceBlocks` and
 * `spreadBlocks`, in 2 log2(size) messages instead of 2 (size - 1). Thakur, Rabenseifner and Gropp (2005), 4.5.
 */
export async function reduceHalving(
  exchange: Exchange,
  array: NumericArray,
  combiner: Combiner,
): Promise<unknown> {
  return await amongPowerOfTwo(exchange, array, combiner, (place, joined) =>
    halveAndSpread(exchange, place, joined as NumericArray, combiner),
  );
}

async function halveAndSpread(
  { send, receive }: Exchange,
  { place, places, rankAt }: Place,
  array: NumericArray,
  { combine }: Combiner,
): Promise<NumericArray> {
  let [mine, begin] = [array, 0];
  const swap = async (bit: number, part: NumericArray) => {
    const partner = rankAt(place ^ bit);
    const [received] = await Promise.all([receive(partner), send(partner, encodePiece(part))]);
    return decodePiece(received) as NumericArray;
  };
  for (let bit = 1; bit < places; bit *= 2) {
    const middle = mine.length >> 1;
    const [low, high] = [mine.subarray(0, middle), mine.subarray(middle)];
    const isHigh = (place & bit) !== 0;
    const theirs = await swap(bit, isHigh ? low : high);
    mine = (isHigh ? combine(theirs, high, theirs) : combine(low, theirs, theirs)) as NumericArray;
    begin += isHigh ? middle : 0;
  }
  const whole = arrayLike(array);
  (whole as Uint8Array).set(mine as Uint8Array, begin);
  let length = mine.length;
  for (let bit = places / 2; bit >= 1; bit /= 2) {
    const theirs = await swap(bit, whole.subarray(begin, begin + length));
    const isHigh = (place & bit) !== 0;
    const at = isHigh ? begin - theirs.length : begin + length;
    (whole as Uint8Array).set(theirs as Uint8Array, at);
    begin = Math.min(begin, at);
    length += theirs.length;
  }
  return whole;
}
