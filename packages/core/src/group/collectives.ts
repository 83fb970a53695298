// The collective operations of a group: checks what was given, turns values into parts and parts into values.

import { FnmeshError } from "../errors/errors.ts";
import { allGather } from "./all-gather.ts";
import { allToAll } from "./all-to-all.ts";
import { barrier } from "./barrier.ts";
import { broadcast } from "./broadcast.ts";
import type { Choices } from "./choices.ts";
import { copyOf, decodePart, encodePart, type Part, type Steps } from "./exchange.ts";
import { gather, scatter } from "./gather.ts";
import type { Group, RootOptions } from "./group.ts";
import { combinerOf } from "./operation.ts";
import { allReduce, reduce, reduceScatter } from "./reduce.ts";
import { type Reach, scan } from "./scan.ts";

export type Collectives = Pick<
  Group,
  | "barrier"
  | "broadcast"
  | "scatter"
  | "gather"
  | "allGather"
  | "reduce"
  | "allReduce"
  | "reduceScatter"
  | "scan"
  | "exscan"
  | "allToAll"
>;

export interface CollectivesOptions {
  readonly rank: number;
  readonly size: number;
  readonly choices: Choices;
  /** Fresh ones for each operation. Called when the operation is: so all members must call alike. */
  readonly nextSteps: () => Steps;
}

export function collectives({ rank, size, choices, nextSteps }: CollectivesOptions): Collectives {
  function checkRoot({ root = 0 }: RootOptions = {}): number {
    if (Number.isInteger(root) && root >= 0 && root < size) return root;
    throw new FnmeshError(
      "INVALID_ARGUMENT",
      `there is no root ${root}: ranks of this group go from 0 to ${size - 1}`,
    );
  }

  function checkParts(parts: readonly unknown[] | undefined): readonly unknown[] {
    if (Array.isArray(parts) && parts.length === size) return parts;
    const given = Array.isArray(parts) ? `${parts.length} parts` : "no list of parts";
    throw new FnmeshError("INVALID_ARGUMENT", `${given} for a group of ${size}`, {
      hint: "Give one part for each member, by rank; parts may be empty.",
    });
  }

  /** This member's own part, which did not travel, in memory of its own. */
  const decodeAll = (parts: readonly Part[], own: unknown): unknown[] =>
    parts.map((part, from) => (from === rank ? copyOf(own) : decodePart(part)));

  async function scanTo(reach: Reach, value: unknown, operation: unknown): Promise<unknown> {
    const combiner = combinerOf(operation as never);
    return await scan(nextSteps(), choices, reach, value, combiner);
  }

  const all = {
    barrier: () => barrier(nextSteps()(0), choices),

    async broadcast(value: unknown, options?: RootOptions) {
      const root = checkRoot(options);
      const exchange = nextSteps()(0);
      if (rank !== root) return decodePart(await broadcast(exchange, choices, root));
      await broadcast(exchange, choices, root, encodePart(value));
      return value;
    },

    async scatter(parts: readonly unknown[] | undefined, options?: RootOptions) {
      const root = checkRoot(options);
      const given = rank === root ? checkParts(parts) : undefined;
      const mine = await scatter(nextSteps()(0), choices, root, given?.map(encodePart));
      return given ? copyOf(given[rank]) : decodePart(mine);
    },

    async gather(value: unknown, options?: RootOptions) {
      const root = checkRoot(options);
      const parts = await gather(nextSteps()(0), choices, root, encodePart(value));
      return parts && decodeAll(parts, value);
    },

    async allGather(value: unknown) {
      return decodeAll(await allGather(nextSteps(), choices, encodePart(value)), value);
    },

    async reduce(value: unknown, operation: unknown, options?: RootOptions) {
      const root = checkRoot(options);
      const combiner = combinerOf(operation as never);
      return await reduce(nextSteps(), choices, root, value, combiner);
    },

    async allReduce(value: unknown, operation: unknown) {
      const combiner = combinerOf(operation as never);
      return await allReduce(nextSteps(), choices, value, combiner);
    },

    async reduceScatter(parts: readonly unknown[], operation: unknown) {
      const combiner = combinerOf(operation as never);
      return await reduceScatter(nextSteps(), choices, checkParts(parts), combiner);
    },

    scan: (value: unknown, operation: unknown) => scanTo("inclusive", value, operation),
    exscan: (value: unknown, operation: unknown) => scanTo("exclusive", value, operation),

    async allToAll(parts: readonly unknown[]) {
      const given = checkParts(parts);
      return decodeAll(await allToAll(nextSteps()(0), choices, given.map(encodePart)), given[rank]);
    },
  };
  return all as Collectives;
}
