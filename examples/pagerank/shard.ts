// One worker's vertices, those whose names hash to its rank, and their links. Names cross the network once, when the
// workers agree on what their numbers mean; afterwards only numbers do. Pure.

import type { Vertex } from "./formats.ts";

/** The rank of the worker that has a vertex. */
export function ownerOf(name: string, size: number): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % size;
}

/** For each rank the vertices that are its own, as text: a line has name, label and targets between tabs. */
export function linesByOwner(vertices: Iterable<Vertex>, size: number): string[] {
  const lines = Array.from({ length: size }, (): string[] => []);
  for (const { name, label, targets } of vertices) {
    lines[ownerOf(name, size)]!.push([name, label, ...targets].join("\t"));
  }
  return lines.map((each) => each.join("\n"));
}

export class Shard {
  readonly names: string[] = [];
  readonly labels: string[] = [];
  /** Link i leads from vertex sources[i] of this worker to the vertex called targets[i] of any. */
  readonly sources: number[] = [];
  readonly targets: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** Takes what `linesByOwner` made. */
  add(lines: string): void {
    for (const line of lines === "" ? [] : lines.split("\n")) {
      const [name, label, ...targets] = line.split("\t") as [string, string, ...string[]];
      const number = this.numberOf(name);
      this.labels[number] = label;
      for (const target of targets) {
        this.sources.push(number);
        this.targets.push(target);
      }
    }
  }

  /** A vertex that was only linked to is one too: without links, and its label is its name. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.names.push(name) - 1;
    this.labels[number] = name;
    this.#numbers.set(name, number);
    return number;
  }
}

/**
 * The links of a worker with numbers for names. What its vertices give to one target is added up in one slot, however
 * many links lead there; slots are by the owner of the target.
 */
export interface Links {
  readonly sources: Uint32Array;
  readonly slots: Uint32Array;
  /** By rank: the names of the targets, in the order of its slots. */
  readonly wanted: readonly (readonly string[])[];
}

export function linksOf({ sources, targets }: Shard, size: number): Links {
  const places = new Map<string, { owner: number; index: number }>();
  const wanted = Array.from({ length: size }, (): string[] => []);
  for (const target of targets) {
    if (places.has(target)) continue;
    const owner = ownerOf(target, size);
    places.set(target, { owner, index: wanted[owner]!.push(target) - 1 });
  }
  const firsts = firstSlots(wanted);
  const slots = targets.map((target) => {
    const { owner, index } = places.get(target)!;
    return firsts[owner]! + index;
  });
  return { sources: Uint32Array.from(sources), slots: Uint32Array.from(slots), wanted };
}

/** By rank the number of its first slot, and last the number of all slots. */
export function firstSlots(wanted: Links["wanted"]): number[] {
  const firsts = [0];
  for (const names of wanted) firsts.push(firsts.at(-1)! + names.length);
  return firsts;
}
