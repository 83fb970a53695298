// Which of the stores that are set up a run may use: those of its channel, and behind NATs those that the lab can reach.

import { FnmeshError } from "@fnmesh/core";
import { isStoreRung, parseChannel, type StoreRung } from "@fnmesh/core/protocol";
import { ladderOf } from "@fnmesh/orchestrator";
import type { S3Access, StoreSettings } from "@fnmesh/stores";
import { storesForLab } from "../lab-gate/targets.ts";

export interface StoresOfRun {
  readonly stores: StoreSettings;
  /** Of the channel, but not to be reached from where the workers are. */
  readonly left: readonly StoreRung[];
}

/** Throws UNKNOWN_CHANNEL, or INVALID_ARGUMENT for a store that the channel names and the run cannot have. */
export function storesOfRun(channel: string, all: StoreSettings, inLab: boolean): StoresOfRun {
  const ladder = ladderOf(channel, Object.keys(all) as StoreRung[]);
  const used = ladder.filter(isStoreRung);
  const stores: StoreSettings = Object.fromEntries(used.map((rung) => [rung, all[rung]]));
  if (!inLab) return { stores, left: [] };
  const asked = parseChannel(channel);
  const reachable = storesForLab(stores, asked === "auto" ? asked : used);
  return { stores: reachable, left: used.filter((rung) => !(rung in reachable)) };
}

/**
 * The stores that a lab's gate has to lead to: those of the channel, and the S3 that the input is in. Throws
 * INVALID_ARGUMENT for one of the latter that it cannot lead to.
 */
export function withInput(stores: StoreSettings, s3: S3Access | undefined): StoreSettings {
  if (s3 === undefined) return stores;
  if (s3.endpoint === undefined || new URL(s3.endpoint).protocol !== "http:") {
    throw new FnmeshError("INVALID_ARGUMENT", "input over TLS cannot be reached from behind the lab's NATs", {
      hint: "Use an S3 service without TLS, or run without a lab: --nat none.",
    });
  }
  // The gate knows both layouts as one store, by its address: which bucket is asked for is not its business.
  return { "s3-combined": { ...s3, bucket: "" }, ...stores };
}
