// Damages bytes in the ways that find faults in decoders: flipped bits, odd lengths, pieces missing, doubled or swapped.

import type { SeededRandom } from "./seeded-random.ts";

/** Values at the borders of what a length or a number may be. */
const edges = [
  0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
];

type Mutation = (bytes: Uint8Array, random: SeededRandom) => Uint8Array;

const place = (bytes: Uint8Array, random: SeededRandom): number => random.int(0, Math.max(bytes.length, 1));

const mutations: readonly Mutation[] = [
  function flipBit(bytes, random) {
    const copy = Uint8Array.from(bytes);
    if (copy.length > 0) copy[place(copy, random)]! ^= 1 << random.int(0, 8);
    return copy;
  },
  function setByte(bytes, random) {
    const copy = Uint8Array.from(bytes);
    if (copy.length > 0) copy[place(copy, random)] = random.int(0, 256);
    return copy;
  },
  function setEdge(bytes, random) {
    const copy = Uint8Array.from(bytes);
    const at = place(copy, random);
    const edge = edges[random.int(0, edges.length)]!;
    if (at + 4 <= copy.length) new DataView(copy.buffer).setUint32(at, edge, true);
    return copy;
  },
  function truncate(bytes, random) {
    return bytes.slice(0, random.int(0, bytes.length + 1));
  },
  function remove(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.int(1, 9))]);
  },
  function double(bytes, random) {
    const at = place(bytes, random);
    const piece = bytes.subarray(at, at + random.int(1, 33));
    return Buffer.concat([bytes.subarray(0, at), piece, piece, bytes.subarray(at + piece.length)]);
  },
  function insert(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(0, at), random.bytes(random.int(1, 9)), bytes.subarray(at)]);
  },
  function swap(bytes, random) {
    const at = place(bytes, random);
    return Buffer.concat([bytes.subarray(at), bytes.subarray(0, at)]);
  },
];

/** `sample` with one to four faults; one in sixteen times, bytes that have nothing to do with it. */
export function mutate(sample: Uint8Array, random: SeededRandom): Uint8Array {
  if (random.int(0, 16) === 0) return random.bytes(random.int(0, 64));
  let bytes = sample;
  for (let faults = random.int(1, 5); faults > 0; faults -= 1) {
    bytes = mutations[random.int(0, mutations.length)]!(bytes, random);
  }
  return bytes;
}

/** Cuts bytes into a few pieces, as a network may. */
export function chop(bytes: Uint8Array, random: SeededRandom): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + random.int(1, bytes.length + 1);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}
