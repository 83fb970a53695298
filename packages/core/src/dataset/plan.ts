// What a dataset is before anything runs: how its rows come about. The same object on every worker, made by the same
// code, so functions need not travel.

import type { InputSplit } from "../job/job.ts";
import type { Key } from "./key.ts";
import type { RowStore } from "./store.ts";
import type { Aggregation } from "./table.ts";

export type Batch = readonly unknown[];

/** Where a plan runs. */
export interface PlanPlace {
  readonly rank: number;
  readonly size: number;
  readonly input: readonly InputSplit[];
}

/** A function from rows to rows that may keep count; one for each opening. */
export type BatchStep = (batch: Batch) => Batch;

export interface SourcePlan {
  readonly kind: "source";
  readonly label: string;
  open(place: PlanPlace): AsyncIterable<Batch>;
  /** The same rows as pairs of a row and how often it comes, where the source can say so with less work. */
  readonly openCounted?: (place: PlanPlace) => AsyncIterable<Batch>;
}

export interface NarrowPlan {
  readonly kind: "narrow";
  readonly label: string;
  readonly from: Plan;
  make(place: PlanPlace): BatchStep;
}

export interface PartitionPlan {
  readonly kind: "partition";
  readonly label: string;
  readonly from: Plan;
  apply(rows: AsyncIterable<unknown>, place: PlanPlace): AsyncIterable<unknown> | Iterable<unknown>;
}

export interface UnionPlan {
  readonly kind: "union";
  readonly label: string;
  readonly from: readonly Plan[];
}

export interface AggregatePlan {
  readonly kind: "aggregate";
  readonly label: string;
  readonly from: Plan;
  key(row: unknown): Key;
  value(row: unknown): unknown;
  readonly aggregation: Aggregation;
  emit(key: Key, sum: unknown): unknown;
}

export type JoinStrategy = "auto" | "broadcast" | "shuffle";

export interface JoinPlan {
  readonly kind: "join";
  readonly label: string;
  readonly left: Plan;
  readonly right: Plan;
  /** Whether rows of the left side stay that have none on the right. */
  readonly outer: boolean;
  readonly strategy: JoinStrategy;
}

export interface SortPlan {
  readonly kind: "sort";
  readonly label: string;
  readonly from: Plan;
  key(row: unknown): Key;
  readonly descending: boolean;
}

export interface CachePlan {
  readonly kind: "cache";
  readonly label: string;
  readonly from: Plan;
  /** Filled by the first action that comes by. */
  readonly slot: { store?: RowStore };
}

export type Plan =
  | SourcePlan
  | NarrowPlan
  | PartitionPlan
  | UnionPlan
  | AggregatePlan
  | JoinPlan
  | SortPlan
  | CachePlan;

const inputsOf = (plan: Plan): readonly Plan[] => {
  if (plan.kind === "source") return [];
  if (plan.kind === "join") return [plan.left, plan.right];
  return plan.kind === "union" ? plan.from : [plan.from];
};

const isWide = ({ kind }: Plan): boolean => kind === "aggregate" || kind === "sort" || kind === "join";

/** The plan as a tree, what comes last first; `~~>` where rows change workers. */
export function explainPlan(plan: Plan, depth = 0): string {
  const arrow = depth === 0 ? "" : `${"  ".repeat(depth - 1)}+- `;
  const cached = plan.kind === "cache" && plan.slot.store !== undefined ? " (filled)" : "";
  const line = `${arrow}${isWide(plan) ? "~~> " : ""}${plan.label}${cached}`;
  return [line, ...inputsOf(plan).map((from) => explainPlan(from, depth + 1))].join("\n");
}
