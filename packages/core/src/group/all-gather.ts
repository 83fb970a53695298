// Every member's part for all. What fits into a bundle goes to one member and from there to all; the bundle says whose
// parts are large, and those go from each to all, or round a ring.

import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import type { Exchange, Part } from "./exchange.ts";
import { gather, isStraight, straight } from "./gather.ts";
import { packParts, unpackParts } from "./parts.ts";

/** By rank. `exchanges`: an operation for each of its three steps. */
export async function allGather(
  [gathering, spreading, direct]: readonly [Exchange, Exchange, Exchange],
  choices: Choices,
  mine: Part,
): Promise<readonly Part[]> {
  const { rank, size } = gathering;
  const isLarge = mine.bytes.length > choices.inlineBytes;
  const gathered = await gather(gathering, choices, 0, isLarge ? straight : mine, "bundle");
  const bundle = await broadcast(spreading, choices, 0, gathered && packParts(gathered));
  const parts = gathered ?? unpackParts(bundle);
  const large = parts.map(isStraight);
  if (!large.includes(true)) return parts;
  const pass = choices.allGather(size) === "ring" ? passRound : passToAll;
  const passed = await pass(direct, large, mine);
  return parts.map((part, from) => (from === rank ? mine : (passed[from] ?? part)));
}

async function passToAll(
  { rank, size, send, receive }: Exchange,
  large: readonly boolean[],
  mine: Part,
): Promise<readonly (Part | undefined)[]> {
  const others = Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);
  const sends = large[rank] ? others.map((to) => send(to, mine)) : [];
  const parts = await Promise.all(
    large.map((isLarge, from) => (isLarge && from !== rank ? receive(from) : undefined)),
  );
  await Promise.all(sends);
  return parts;
}

/** To the right neighbour whatever comes from the left one, until it is home. */
async function passRound(
  { rank, size, send, receive }: Exchange,
  large: readonly boolean[],
  mine: Part,
): Promise<readonly (Part | undefined)[]> {
  const [left, right] = [(rank - 1 + size) % size, (rank + 1) % size];
  const parts: (Part | undefined)[] = [];
  const sends = large[rank] ? [send(right, mine)] : [];
  for (let step = 1; step < size; step += 1) {
    const owner = (rank - step + size) % size;
    if (!large[owner]) continue;
    const part = await receive(left);
    parts[owner] = part;
    if (right !== owner) sends.push(send(right, part));
  }
  await Promise.all(sends);
  return parts;
}
