// What a scenario takes and gives. Every scenario measures fnmesh beside its rivals in one run, so that its ratios
// hold on any machine; the figures themselves hold on the machine that `environment` names.

import type { Environment } from "./environment.ts";
import type { BenchOptions, OptionName } from "./options.ts";

export interface ScenarioOptions extends Omit<BenchOptions, "scenario" | "json" | "resume"> {
  /** Where the bundled jobs and rivals are. */
  readonly bundles: string;
  readonly signal: AbortSignal;
  /** Tells the person what goes on. */
  readonly say: (line: string) => void;
  /** Keeps what has been measured so far, in case the run does not get to its end. */
  readonly keep: (outcome: Outcome) => Promise<void>;
  /** What an earlier run kept, which is not to be measured again. */
  readonly kept: Outcome | undefined;
}

/** Of a duration that many things had; half of them took at most the first, 99 % at most the second. */
export interface Percentiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export type Row = Readonly<Record<string, string | number | boolean | Percentiles>>;

export interface Outcome {
  readonly rows: readonly Row[];
  /** fnmesh's figure by its rival's, keyed by what was compared. */
  readonly ratios: Readonly<Record<string, number>>;
  /** What the figures stand on, for who wants to look closer: models, every single measurement. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Scenario {
  readonly summary: string;
  /** Its options beyond the common ones. */
  readonly takes?: readonly OptionName[];
  /** Whether it needs the NAT lab's sandbox. */
  readonly needsLab?: (options: BenchOptions) => boolean;
  /** One that takes longer hangs. Default: 30 minutes. */
  readonly mostMs?: number;
  run(options: ScenarioOptions): Promise<Outcome>;
}

/** The JSON document. */
export interface Report extends Outcome {
  readonly scenario: string;
  readonly environment: Environment;
}
