// What a scenario takes and gives. Every scenario measures fnmesh beside its rivals in one run, so that its ratios
// hold on any machine; the figures themselves hold on the machine that `environment` names.

import type { Environment } from "./environment.ts";

export interface ScenarioOptions {
  /** Where the bundled jobs and rivals are. */
  readonly bundles: string;
  readonly workers: number | undefined;
  /** How often everything is measured. */
  readonly repetitions: number | undefined;
  readonly signal: AbortSignal;
  /** Tells the person what goes on. */
  readonly say: (line: string) => void;
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
}

export interface Scenario {
  readonly summary: string;
  /** Whether it needs the NAT lab's sandbox. */
  readonly needsLab?: boolean;
  run(options: ScenarioOptions): Promise<Outcome>;
}

/** The JSON document. */
export interface Report extends Outcome {
  readonly scenario: string;
  readonly environment: Environment;
}
