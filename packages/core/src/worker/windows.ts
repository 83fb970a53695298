// How much a worker keeps of messages that nobody has asked for yet. Both ends of a pair compute it from what the
// welcome says, so it needs no negotiation.

import type { Window } from "../channel/inbound.ts";

const mebibyte = 1024 * 1024;
/** All peers together: a quarter of the function's memory. */
const memoryShare = 0.25;
const leastBytes = 64 * 1024;
/** More does not make one connection faster. */
const mostBytes = 8 * mebibyte;

export const windowFor = ({
  memoryMb,
  size,
}: {
  readonly memoryMb: number;
  readonly size: number;
}): Window => ({
  bytes: Math.floor(
    Math.min(mostBytes, Math.max(leastBytes, (memoryMb * mebibyte * memoryShare) / Math.max(1, size - 1))),
  ),
  messages: 1024,
});

/** A message must fit into a fraction of the memory, and into the wire's 32 bits. */
export const mostMessageBytesFor = (memoryMb: number): number =>
  Math.min(2 ** 31 - 1, Math.floor((memoryMb * mebibyte) / 2));
