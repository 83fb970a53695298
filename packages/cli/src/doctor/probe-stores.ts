// The stores that are set up, each asked as a job would: written to, read, and cleaned.

import { randomUUID } from "node:crypto";
import { FnmeshError } from "@fnmesh/core";
import { noUsage, type StoreKeeper, silentLog } from "@fnmesh/core/internal";
import { pathOf, type StoreRung } from "@fnmesh/core/protocol";
import { createCleanup } from "../cleanup.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { openKeepers } from "../store-access/open-keepers.ts";
import { placesOf } from "../store-access/places.ts";
import { formatMs } from "../text/format.ts";
import type { Check } from "./check.ts";

type ConfigPlace = Parameters<typeof loadConfig>[0];

export interface FoundConfig {
  readonly check: Check;
  /** Undefined when it is not right. */
  readonly config: Config | undefined;
}

/** Settings that are not right keep every job from running. */
export async function findConfig(place: ConfigPlace): Promise<FoundConfig> {
  const name = "settings";
  try {
    const config = await loadConfig(place);
    const set = [...new Set(Object.keys(config.stores).map((rung) => pathOf(rung as StoreRung)))];
    const stores = set.length === 0 ? "no stores are set up" : `stores: ${set.join(", ")}`;
    return { config, check: { name, status: "ok", detail: `${config.file ?? "no file"}, ${stores}` } };
  } catch (error) {
    const { message, hint } = error as FnmeshError;
    return {
      config: undefined,
      check: { name, status: "fail", detail: message, ...(hint === undefined ? {} : { fix: hint }) },
    };
  }
}

const probeMs = 5_000;

/** One answer for each store, all asked at once. Keepers that are given stand for the real ones. */
export async function probeStores(
  { stores }: Pick<Config, "stores">,
  open: typeof openKeepers = openKeepers,
): Promise<Check[]> {
  const cleanup = createCleanup(silentLog);
  try {
    const keepers = await open(stores, cleanup);
    const places = placesOf(stores);
    return await Promise.all(keepers.map((keeper) => probeStore(keeper, places[keeper.rungs[0]!] ?? "")));
  } finally {
    await cleanup.run();
  }
}

async function probeStore(keeper: StoreKeeper, place: string): Promise<Check> {
  const name = pathOf(keeper.rungs[0]!);
  const startMs = performance.now();
  try {
    await inTime(askAsJob(keeper));
    const ms = formatMs(performance.now() - startMs);
    return { name, status: "ok", detail: `${place} took and gave back a lease in ${ms}` };
  } catch (error) {
    const { message, hint } = error as FnmeshError;
    const fix = hint ?? "Is it running, and reachable from here?";
    return { name, status: "warn", detail: `${place}: ${message}`, fix };
  }
}

async function askAsJob(keeper: StoreKeeper): Promise<void> {
  const job = `doctor${randomUUID().slice(0, 6)}`;
  await keeper.lease(job, Date.now() + 60_000);
  await keeper.sweep(job, noUsage());
}

async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new FnmeshError("STORE_UNAVAILABLE", `no answer within ${probeMs / 1000} s`);
    timer = setTimeout(() => reject(error), probeMs);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
