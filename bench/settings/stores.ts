// The real stores behind the channels, each started for the run on a free port of loopback, and ended with it.

import type { Rung, StoreRung } from "@fnmesh/core/protocol";
import { UsageError } from "../lib/options.ts";
import type { SettingOptions } from "./setting.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface StartedStore {
  /** Its model's name. */
  readonly service: "redis" | "memcached" | "s3";
  readonly rungs: readonly StoreRung[];
  readonly address: Address;
  /** For the document: which program, which version. */
  readonly about: string;
  /** What drivers need; `at` another address, where a proxy stands before it. */
  settings(at: Address | undefined): unknown;
}

export async function startStores(
  channels: readonly Rung[],
  _options: SettingOptions,
): Promise<readonly StartedStore[]> {
  const stores = channels.filter((channel) => channel !== "direct" && channel !== "relay");
  if (stores.length > 0) throw new UsageError(`not there yet: ${stores.join(", ")}`);
  return [];
}
