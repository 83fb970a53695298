// Where a scenario over channels runs: its workers' network, the stores, and how slow time goes.

import type { Rung } from "@fnmesh/core/protocol";
import type { Figures } from "../lib/asked-child.ts";
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
  /** What a channel's service has counted since the start; nothing where the channel has none. */
  service(channel: Rung): Promise<ServiceCounts>;
}

export interface ServiceCounts {
  /** What passed the proxy before it. */
  readonly front?: Figures;
  /** Milliseconds of processor time of the real store or relay. */
  readonly workMs?: number;
}
