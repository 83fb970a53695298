// Every member's part for all. What fits into a bundle goes to one member and from there to all; the bundle says whose
// parts are large, and how large. Those go from each to all, round a ring, or in log2(size) rounds.

import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import type { Exchange, Part, Steps } from "./exchange.ts";
import { gather, isStraight, straight } from "./gather.ts";
import { packParts, unpackParts } from "./parts.ts";
import { othersOf, ranksFrom } from "./tree.ts";

/** By rank. */
export async function allGather(steps: Steps, choices: Choices, mine: Part): Promise<readonly Part[]> {
  const gathering = steps(0);
  const { rank, size } = gathering;
  const isLarge = mine.bytes.length > choices.allGatherInlineBytes(size);
  const gathered = await gather(gathering, choices, 0, isLarge ? announced(mine) : mine, "bundle");
  const bundle = await broadcast(steps(1), choices, 0, gathered && packParts(gathered));
  const parts = gathered ?? unpackParts(bundle);
  if (!parts.some(isStraight)) return parts;
  const large = parts.map(isStraight);
  const most = Math.max(...parts.map((part, from) => (large[from] ? bytesAnnounced(part) : 0)));
  const passed = await passes[choices.allGather(size, most)](steps(2), large, mine);
  return parts.map((part, from) => (from === rank ? mine : (passed[from] ?? part)));
}

/** Stands for a part that is large: its length, u32 le. */
function announced({ bytes }: Part): Part {
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, bytes.length, true);
  return { ...straight, bytes: length };
}

const bytesAnnounced = ({ bytes }: Part): number =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);

type Pass = (
  exchange: Exchange,
  large: readonly boolean[],
  mine: Part,
) => Promise<readonly (Part | undefined)[]>;

/** The way of an owner's part past this member: from whom it comes, and to whom it goes on. */
type Course = (place: Pick<Exchange, "rank" | "size">, owner: number) => { from: number; to: number[] };

/** To all from its owner. */
const toAll: Course = ({ rank, size }, owner) => ({
  from: owner,
  to: owner === rank ? othersOf(rank, size) : [],
});

/** To the right neighbour whatever comes from the left one, until it is home. */
const round: Course = ({ rank, size }, owner) => {
  const [left, right] = [(rank - 1 + size) % size, (rank + 1) % size];
  return { from: left, to: right === owner ? [] : [right] };
};

const passes: Readonly<Record<ReturnType<Choices["allGather"]>, Pass>> = {
  direct: passBy(toAll),
  ring: passBy(round),
  bruck: passDoubling,
};

function passBy(course: Course): Pass {
  return async (exchange, large, mine) => {
    const { rank, size, send, receive } = exchange;
    const sends: Promise<void>[] = [];
    const parts: (Part | undefined)[] = [];
    // The nearest owner to the left first: in this order parts come round the ring.
    const owners = ranksFrom(rank + 1, size).reverse();
    const passing = owners
      .filter((owner) => large[owner])
      .map(async (owner) => {
        const { from, to } = course(exchange, owner);
        const part = owner === rank ? mine : await receive(from);
        parts[owner] = part;
        for (const next of to) sends.push(send(next, part));
      });
    await Promise.all(passing);
    await Promise.all(sends);
    return parts;
  };
}

/**
 * In the k-th round each gets from the one 2^k further what that has so far, in one bundle: Bruck et al., "Efficient
 * algorithms for all-to-all communications in multiport message-passing systems" (1997).
 */
async function passDoubling(
  { rank, size, send, receive }: Exchange,
  large: readonly boolean[],
  mine: Part,
): Promise<readonly (Part | undefined)[]> {
  // By how far they have come: `come[i]` is from the rank i further.
  const come: Part[] = [large[rank] ? mine : straight];
  for (let step = 1; step < size; step *= 2) {
    const bundle = packParts(come.slice(0, size - step));
    const sent = send((rank - step + size) % size, bundle);
    come.push(...unpackParts(await receive((rank + step) % size)));
    await sent;
  }
  return large.map((isLarge, from) => (isLarge ? come[(from - rank + size) % size] : undefined));
}
