// What a run used, as plain figures of no platform: what it comes to is for a tariff to say.

import type { StoreUsage } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";

export interface InvocationUsage {
  /** From the provider's start of it to its end, the start of the container included. */
  readonly ms: number;
  readonly memoryMb: number;
}

/** What asks object stores beside the ways between workers: those who read the job's input there. */
export const inputFromS3 = "s3-input";
export type StoreUse = StoreRung | typeof inputFromS3;

export interface RungUsage extends StoreUsage {
  readonly rung: StoreUse;
  /** Written bytes times how long they were kept, bytes x milliseconds. */
  readonly keptByteMs: number;
}

export type ServerKind = "orchestrator" | "relay" | "redis" | "memcached";

export interface ServerUsage {
  readonly kind: ServerKind;
  readonly count: number;
  /** How long each of them stood by. */
  readonly ms: number;
}

export interface RunUsage {
  /** Every one that was started, also those that were started again. */
  readonly invocations: readonly InvocationUsage[];
  readonly stores: readonly RungUsage[];
  readonly servers: readonly ServerUsage[];
  /** Payload bytes, by what they went through. */
  readonly bytes: { readonly direct: number; readonly relayed: number; readonly acrossZones: number };
}

export const noRunUsage: RunUsage = {
  invocations: [],
  stores: [],
  servers: [],
  bytes: { direct: 0, relayed: 0, acrossZones: 0 },
};
