// Every algorithm that a collective could take, each as choices that always take it, and the one that fnmesh takes.

import { type Choices, measuredChoices } from "@fnmesh/core/internal";
import type { Collective } from "./figures.ts";

interface Algorithms {
  /** By name. */
  readonly forced: Readonly<Record<string, Partial<Choices>>>;
  chosen(size: number, bytes: number): string;
}

const flat = { flat: () => true };
const tree = { flat: () => false };
const rooted = (size: number) => (measuredChoices.flat(size) ? "flat" : "tree");

const byFlat: Partial<Choices> = { broadcast: () => "whole", ...flat };

const algorithms: Readonly<Record<Collective, Algorithms>> = {
  barrier: {
    forced: { central: { barrier: () => "central" }, dissemination: { barrier: () => "dissemination" } },
    chosen: (size) => measuredChoices.barrier(size),
  },
  broadcast: {
    forced: {
      flat: byFlat,
      tree: { broadcast: () => "tree" },
      "binary tree": { broadcast: () => "binary tree" },
      chain: { broadcast: () => "chain" },
    },
    chosen(size, bytes) {
      const shape = measuredChoices.broadcast(size, bytes);
      if (shape !== "whole") return shape;
      return rooted(size);
    },
  },
  scatter: { forced: { flat, tree }, chosen: rooted },
  gather: { forced: { flat, tree }, chosen: rooted },
  allGather: {
    forced: {
      bundle: { allGatherInlineBytes: () => Number.POSITIVE_INFINITY },
      bruck: { allGatherInlineBytes: () => 0, allGather: () => "bruck" },
      direct: { allGatherInlineBytes: () => 0, allGather: () => "direct" },
      ring: { allGatherInlineBytes: () => 0, allGather: () => "ring" },
    },
    chosen: (size, bytes) =>
      bytes > measuredChoices.allGatherInlineBytes(size) ? measuredChoices.allGather(size, bytes) : "bundle",
  },
  reduce: {
    forced: {
      flat: { ...flat, reduce: () => "rooted" },
      tree: { reduce: () => "tree" },
      blocks: { reduce: () => "blocks" },
    },
    chosen(size, bytes) {
      const choice = measuredChoices.reduce(size, bytes);
      return choice === "rooted" ? rooted(size) : choice;
    },
  },
  allReduce: {
    forced: {
      flat: { allReduce: () => "rooted", ...byFlat },
      tree: { allReduce: () => "tree", broadcast: () => "tree" },
      doubling: { allReduce: () => "doubling" },
      halving: { allReduce: () => "halving" },
      blocks: { allReduce: () => "blocks" },
    },
    chosen(size, bytes) {
      const choice = measuredChoices.allReduce(size, bytes);
      return choice === "rooted" ? rooted(size) : choice;
    },
  },
  reduceScatter: {
    forced: {
      central: { reduceScatter: () => "central" },
      halving: { reduceScatter: () => "halving" },
      direct: { reduceScatter: () => "direct" },
    },
    chosen: (size, bytes) => measuredChoices.reduceScatter(size, bytes * size),
  },
  scan: {
    forced: {
      central: { scan: () => "central" },
      doubling: { scan: () => "doubling" },
      chain: { scan: () => "chain" },
    },
    chosen: (size, bytes) => measuredChoices.scan(size, bytes),
  },
  allToAll: {
    forced: {
      central: { allToAll: () => "central" },
      bruck: { allToAll: () => "bruck" },
      direct: { allToAll: () => "direct" },
    },
    chosen: (size) => measuredChoices.allToAll(size),
  },
};

export const chosenBy = (collective: Collective, size: number, bytes: number): string =>
  algorithms[collective].chosen(size, bytes);

export const algorithmsOf = (collective: Collective): string[] => Object.keys(algorithms[collective].forced);

export const choicesFor = (collective: Collective, algorithm: string): Choices => ({
  ...measuredChoices,
  ...algorithms[collective].forced[algorithm],
});
