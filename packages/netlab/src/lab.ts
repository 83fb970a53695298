// The lab's face: workers' places behind NATs, and the one address at which all of them reach the orchestrator.

import type { LabProfile } from "./profiles.ts";

export interface LabOptions {
  readonly profile: LabProfile;
  readonly workers: number;
}

export interface Lab {
  readonly profile: LabProfile;
  /** An address on the lab's "internet", in the namespace of this process: the orchestrator listens on it. */
  readonly orchestratorHost: string;
  /** What goes before a worker's command so that it runs in its place: `["nsenter", "--net=…", "--"]`. */
  enter(rank: number): readonly string[];
  close(): Promise<void>;
}
