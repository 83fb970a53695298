// Where the reduce-by-key scenario runs: its workers' network, the stores, and how slow time goes.

import type { Rung, StoreRung } from "@fnmesh/core/protocol";
import type { Defer } from "../lib/cleanup.ts";
import type { Fnmesh } from "../lib/fnmesh.ts";

export interface SettingOptions {
  readonly workers: number;
  readonly channels: readonly Rung[];
  readonly dilation: number;
  /** Where the bundled programs are. */
  readonly bundles: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
  readonly defer: Defer;
}

export interface Setting {
  readonly fnmesh: Fnmesh;
  /** The lab's profile, or "none". */
  readonly nat: string;
  /** For the document: what is modelled, in words and figures. */
  readonly model: Readonly<Record<string, unknown>>;
  /** What a channel's front has counted since the start; none where the channel has no front. */
  front(channel: Rung): Promise<Readonly<Record<string, number>> | undefined>;
}

/** The real servers that some channels need, and what their drivers are given. */
export type StoreSettings = Readonly<Partial<Record<StoreRung, unknown>>>;
