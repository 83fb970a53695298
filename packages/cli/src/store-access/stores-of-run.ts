// Which of the stores that are set up a run may use: those of its channel, and behind NATs those that the lab can reach.

import { isStoreRung, parseChannel, type StoreRung } from "@fnmesh/core/protocol";
import { ladderOf } from "@fnmesh/orchestrator";
import type { StoreSettings } from "@fnmesh/stores";
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
