// The collectives as one writes them who has `send` and `receive` alone: all through rank 0. As good as that gets:
// arrays travel uncopied, a list of parts is one array, and rank 0 takes what comes in the order of ranks.

import type { Group } from "fnmesh";

const othersOf = ({ size }: Group): number[] => Array.from({ length: size - 1 }, (_, index) => index + 1);
const take = async (group: Group, from: number) => (await group.receive<Float64Array>({ from })).value;
const sendAll = (group: Group, valueFor: (to: number) => unknown) =>
  Promise.all(othersOf(group).map((to) => group.send(to, valueFor(to))));

export async function barrier(group: Group): Promise<void> {
  if (group.rank > 0) {
    await group.send(0, 0);
    await take(group, 0);
    return;
  }
  for (const from of othersOf(group)) await take(group, from);
  await sendAll(group, () => 0);
}

export async function broadcast(group: Group, value: Float64Array): Promise<Float64Array> {
  if (group.rank > 0) return await take(group, 0);
  await sendAll(group, () => value);
  return value;
}

/** `whole` has a part of the same length for each member; only rank 0 has it. */
export async function scatter(group: Group, whole: Float64Array): Promise<Float64Array> {
  if (group.rank > 0) return await take(group, 0);
  const length = whole.length / group.size;
  const partOf = (rank: number) => whole.subarray(rank * length, (rank + 1) * length);
  await sendAll(group, partOf);
  return partOf(0);
}

export async function gather(group: Group, value: Float64Array): Promise<Float64Array | undefined> {
  if (group.rank > 0) return void (await group.send(0, value));
  const whole = new Float64Array(value.length * group.size);
  whole.set(value);
  for (const from of othersOf(group)) whole.set(await take(group, from), from * value.length);
  return whole;
}

export async function allGather(group: Group, value: Float64Array): Promise<Float64Array> {
  const whole = await gather(group, value);
  return await broadcast(group, whole!);
}

export async function reduce(group: Group, value: Float64Array): Promise<Float64Array | undefined> {
  if (group.rank > 0) return void (await group.send(0, value));
  const sum = value.slice();
  for (const from of othersOf(group)) {
    const theirs = await take(group, from);
    for (let at = 0; at < sum.length; at += 1) sum[at] = sum[at]! + theirs[at]!;
  }
  return sum;
}

export async function allReduce(group: Group, value: Float64Array): Promise<Float64Array> {
  const sum = await reduce(group, value);
  return await broadcast(group, sum!);
}

export async function reduceScatter(group: Group, whole: Float64Array): Promise<Float64Array> {
  const sum = await reduce(group, whole);
  return await scatter(group, sum!);
}

export async function scan(group: Group, value: Float64Array): Promise<Float64Array> {
  const whole = await gather(group, value);
  if (whole !== undefined) {
    const { length } = value;
    for (let at = length; at < whole.length; at += 1) whole[at] = whole[at]! + whole[at - length]!;
  }
  return await scatter(group, whole!);
}

export async function allToAll(group: Group, whole: Float64Array): Promise<Float64Array> {
  const { rank, size } = group;
  const length = whole.length / size;
  if (rank > 0) {
    await group.send(0, whole);
    return await take(group, 0);
  }
  const forEach = Array.from({ length: size }, () => new Float64Array(whole.length));
  for (let from = 0; from < size; from += 1) {
    const theirs = from === 0 ? whole : await take(group, from);
    for (const [to, parts] of forEach.entries()) {
      parts.set(theirs.subarray(to * length, (to + 1) * length), from * length);
    }
  }
  await sendAll(group, (to) => forEach[to]!);
  return forEach[0]!;
}
