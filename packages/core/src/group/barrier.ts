// Nobody goes on before all have come.

import { valueKind } from "../values/values.ts";
import type { Choices } from "./choices.ts";
import type { Exchange } from "./exchange.ts";
import { fromRoot, othersOf } from "./tree.ts";

const here = { kind: valueKind.bytes, bytes: new Uint8Array(0) };

export function barrier(exchange: Exchange, choices: Choices): Promise<void> {
  return choices.barrier(exchange.size) === "central" ? meetAtRoot(exchange) : disseminate(exchange);
}

/** Two rounds: all tell rank 0, which tells all. */
async function meetAtRoot({ rank, size, send, receive }: Exchange): Promise<void> {
  if (rank > 0) {
    await Promise.all([send(0, here), receive(0, 1)]);
    return;
  }
  const others = othersOf(0, size);
  await Promise.all(others.map((other) => receive(other)));
  await Promise.all(others.map((other) => send(other, here, 1)));
}

/**
 * In the k-th of log2(size) rounds, rounded up, each tells the one 2^k further that it, and all that it has heard of,
 * are there. Hensgen, Finkel and Manber, "Two algorithms for barrier synchronization" (1988).
 */
async function disseminate({ rank, size, send, receive }: Exchange): Promise<void> {
  for (let step = 1; step < size; step *= 2) {
    await Promise.all([send((rank + step) % size, here), receive(fromRoot(rank, step, size))]);
  }
}
