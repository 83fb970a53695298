// Settings that a person chooses for one command: a flag goes before a variable, and that before the file. Pure.

import type { Entry, Source } from "./merge.ts";

/** What was typed; undefined: nothing. */
export interface Flags {
  readonly stage?: string | undefined;
  readonly provider?: string | undefined;
  readonly orchestrator?: string | undefined;
}

interface Choice {
  /** Its place in the file. */
  readonly name: string;
  readonly flag: keyof Flags;
  readonly variable: string;
}

export const choices = {
  stage: { name: "stage", flag: "stage", variable: "FNMESH_STAGE" },
  provider: { name: "provider", flag: "provider", variable: "FNMESH_PROVIDER" },
  orchestrator: { name: "orchestrator.url", flag: "orchestrator", variable: "FNMESH_ORCHESTRATOR" },
} as const satisfies Record<string, Choice>;

export interface ChoiceLayers {
  readonly flags: Flags;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly file: { readonly value: string; readonly from: Source } | undefined;
  readonly preset?: string;
}

/** What is in force, or undefined where nobody says anything and there is no preset. An empty variable is absent. */
export function choose({ name, flag, variable }: Choice, layers: ChoiceLayers): Entry | undefined {
  const { flags, environment, file, preset } = layers;
  const typed = flags[flag];
  if (typed !== undefined) return { name, value: typed, from: { kind: "flag", flag: `--${flag}` } };
  const inherited = environment[variable];
  if (inherited !== undefined && inherited !== "") {
    return { name, value: inherited, from: { kind: "environment", variable } };
  }
  if (file !== undefined) return { name, ...file };
  return preset === undefined ? undefined : { name, value: preset, from: { kind: "default" } };
}

/** Where a value was given, for an error. */
export const placeOf = ({ name, variable }: Choice, from: Source): string =>
  ({ default: name, file: name, environment: variable, flag: "flag" in from ? from.flag : name })[from.kind];
