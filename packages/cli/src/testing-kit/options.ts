// What a test may ask for: how many workers, what they get, what stands between them, and what goes wrong. And what of
// it fits together. Pure.

import { FnmeshError } from "@fnmesh/core";
import { type VirtualProfile, virtualProfiles } from "@fnmesh/core/testing";
import type { TestText } from "./input.ts";

/** What a worker is behind: see docs/NAT.md. */
export type NatProfile = VirtualProfile;

/** Absent: from the start. */
export type FaultMoment =
  /** When the worker, or one of the two, begins the stage. */
  | { readonly stage: string }
  /** Virtual milliseconds after the job was submitted. */
  | { readonly ms: number };

/** Something that goes wrong once, and stays so. */
export type Fault =
  /** The worker's process dies, as by SIGKILL. Before it has joined, the orchestrator starts it once more. */
  | { readonly kill: number; readonly at?: FaultMoment }
  /** The worker's machine goes dark: nothing comes from it and nothing reaches it, and nobody is told. */
  | { readonly unplug: number; readonly at?: FaultMoment }
  /** Nothing passes directly between the two any more. */
  | { readonly part: readonly [rank: number, other: number]; readonly at?: FaultMoment };

export interface RunJobOptions {
  /** Default: as many as `nat` or `inputByRank` has places; else 4. */
  readonly workers?: number;
  readonly params?: Readonly<Record<string, string>>;
  /** Shared out as `fnmesh run --input` does: equal parts, cut where lines begin. */
  readonly input?: readonly TestText[];
  /** Instead: each worker's own, by rank. */
  readonly inputByRank?: readonly (readonly TestText[])[];
  /** The input comes in pieces of at most this many bytes: few, to find readers that lose what a piece's end cuts. */
  readonly chunkBytes?: number;
  /** What all workers are behind, or each by rank. Default: `restricted`, as on AWS Lambda. */
  readonly nat?: NatProfile | readonly NatProfile[];
  /** As `--channel`: `auto` (preset), `direct`, `relay`, or `direct,relay`. */
  readonly channel?: string;
  /** Default: true. */
  readonly encrypt?: boolean;
  /** Each worker's link: one way, up to this much more at random, and the part (0 to 1) of SYNs that is lost. */
  readonly link?: { readonly latencyMs?: number; readonly jitterMs?: number; readonly synLoss?: number };
  readonly faults?: readonly Fault[];
  /** Decides all that is random in the network and in fnmesh, but not `Math.random` in the job. Default: 1. */
  readonly seed?: number | string;
  /** From which windows follow: how much is sent ahead. It is not enforced. Default: 512. */
  readonly memoryMb?: number;
  /** Virtual milliseconds after which a worker is ended. Default: 300,000. */
  readonly timeoutMs?: number;
  /** Cancels the job. */
  readonly signal?: AbortSignal;
}

const presetWorkers = 4;

/** Each worker's NAT, by rank. Throws INVALID_ARGUMENT or UNKNOWN_NAT_PROFILE. */
export function natsOf({ workers, nat = "restricted", inputByRank }: RunJobOptions): readonly NatProfile[] {
  const each = typeof nat === "string" ? undefined : nat;
  const count = workers ?? each?.length ?? inputByRank?.length ?? presetWorkers;
  if (!Number.isInteger(count) || count < 1) throw invalid(`${count} workers`, "There is at least one.");
  for (const [what, list] of Object.entries({ nat: each, inputByRank })) {
    if (list === undefined || list.length === count) continue;
    throw invalid(`\`${what}\` is for ${list.length} workers, not ${count}`, "Give one for each rank.");
  }
  const nats = each ?? Array.from({ length: count }, () => nat as NatProfile);
  for (const profile of nats) {
    if (virtualProfiles.includes(profile)) continue;
    throw new FnmeshError("UNKNOWN_NAT_PROFILE", `there is no NAT profile "${profile}"`, {
      hint: `There are: ${virtualProfiles.join(", ")}.`,
    });
  }
  return nats;
}

/** Throws INVALID_ARGUMENT for what would silently do nothing. */
export function checkOptions(
  { input, inputByRank, chunkBytes, faults = [] }: RunJobOptions,
  size: number,
): void {
  if (input !== undefined && inputByRank !== undefined) {
    throw invalid("both `input` and `inputByRank`", "Give one of them.");
  }
  if (chunkBytes !== undefined && !(Number.isInteger(chunkBytes) && chunkBytes > 0)) {
    throw invalid(`chunkBytes: ${chunkBytes}`, "A piece has at least one byte.");
  }
  const strange = faults
    .flatMap(ranksOf)
    .find((rank) => !(Number.isInteger(rank) && rank >= 0 && rank < size));
  if (strange !== undefined) {
    throw invalid(`a fault of worker ${strange}`, `Ranks go from 0 to ${size - 1}.`);
  }
  if (faults.some((fault) => "part" in fault && fault.part[0] === fault.part[1])) {
    throw invalid("a worker parted from itself", "Name two ranks.");
  }
}

/** Whom a fault concerns. */
export function ranksOf(fault: Fault): readonly number[] {
  if ("kill" in fault) return [fault.kill];
  return "unplug" in fault ? [fault.unplug] : fault.part;
}

const invalid = (message: string, hint: string) => new FnmeshError("INVALID_ARGUMENT", message, { hint });
