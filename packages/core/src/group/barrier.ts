// Nobody goes on before all have come: in the k-th round each tells the one 2^k further that it, and all that it has
// heard of, are there. Hensgen, Finkel and Manber, "Two algorithms for barrier synchronization" (1988): dissemination.

import { valueKind } from "../values/values.ts";
import type { Exchange } from "./exchange.ts";

const here = { kind: valueKind.bytes, bytes: new Uint8Array(0) };

/** Takes log2(size) rounds, rounded up. */
export async function barrier({ rank, size, send, receive }: Exchange): Promise<void> {
  for (let step = 1; step < size; step *= 2) {
    await Promise.all([send((rank + step) % size, here), receive((rank - step + size) % size)]);
  }
}
