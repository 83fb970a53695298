// The settings that are in force for a command: a file's for its stage, the environment's over them, and what was typed
// over both.

import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { StoreRung } from "@fnmesh/core/protocol";
import type { S3Access, StoreSettings } from "@fnmesh/stores";
import { choices, choose, type Flags, placeOf } from "./choices.ts";
import { findConfigFile, loadConfigFile } from "./config-file.ts";
import type { FnmeshConfig, StageConfig } from "./define-config.ts";
import { endpointProblem, fields, isOwnVariable } from "./fields.ts";
import { type Entry, type FileSource, hasS3Access, type Merged, mergeStores } from "./merge.ts";
import { checkStage, type FileOfStage, fileOfStage, presetStage } from "./stages.ts";

export interface Config extends Pick<FnmeshConfig, "prices" | "priceAs" | "relays"> {
  /** Where the file is, if there is one. */
  readonly file: string | undefined;
  readonly stage: string;
  /** `local` or a platform's name, as it was given: whether there is such a one is for who uses it. */
  readonly provider: string;
  /** Where an orchestrator is, as it was given. */
  readonly orchestrator: string | undefined;
  /** What the file has for the platforms, for this stage. */
  readonly sections: Readonly<Record<string, unknown>>;
  /** Where the file's word on a setting stands. */
  readonly sourceOf: (setting: string) => FileSource;
  /** By rung. They hold credentials: never log them. */
  readonly stores: StoreSettings;
  /** Where input in S3 is read, where that was asked for. The same. */
  readonly s3?: S3Access;
  /** All that is in force but for platforms, as it may be shown. */
  readonly entries: readonly Entry[];
  /** Variables that stores are set by. */
  readonly variables: readonly string[];
}

export interface ConfigPlace {
  /** The file is looked for from here upwards. */
  readonly folder: string;
  /** `--config`: this file and no other. */
  readonly file?: string | undefined;
  /** From where names are taken and shown. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whether the job's input is in S3. `if-set`: jobs' may be, where credentials are set. */
  readonly readsS3?: boolean | "if-set";
  /** What was typed. */
  readonly flags?: Flags;
  /** An orchestrator elsewhere has stores and credentials of its own: those of this machine need not be whole then. */
  readonly mayRunElsewhere?: boolean;
}

const noStores: Merged = { stores: {}, entries: [], variables: [] };

/**
 * Rejects with INVALID_ARGUMENT, which names the field and never a value. Without a file it loads neither esbuild
 * nor zod.
 *
 * @example
 * const { stores } = await loadConfig({ folder: dirname(job), cwd, environment: process.env });
 */
export async function loadConfig(place: ConfigPlace): Promise<Config> {
  const { folder, file, cwd, environment, readsS3, flags = {}, mayRunElsewhere = false } = place;
  const path = file === undefined ? findConfigFile(folder) : resolve(cwd, file);
  const whole = path === undefined ? {} : await readConfig(path, cwd);
  const name = path ?? "";
  const stage = stageOf(whole, { flags, environment, name });
  const { config, sourceOf } = fileOfStage(whole, name, stage.value);
  const { stores = {}, prices, priceAs, relays, provider: _, orchestrator: __, ...sections } = config;
  const chosen = chosenBy({ config, sourceOf }, { flags, environment });
  checkOrchestrator(chosen.orchestrator);
  const layers = { file: path === undefined ? undefined : { name: path, stores, sourceOf }, environment };
  const merged =
    mayRunElsewhere && chosen.orchestrator !== undefined
      ? noStores
      : mergeStores({ ...layers, readsS3: readsS3 === "if-set" ? hasS3Access(layers) : readsS3 });
  const others = Object.entries({ prices, priceAs, relays }).filter(([, value]) => value !== undefined);
  return {
    ...{ file: path, stage: stage.value, sections, sourceOf },
    ...{ provider: chosen.provider.value, orchestrator: chosen.orchestrator?.value },
    ...(Object.fromEntries(others) as Pick<FnmeshConfig, "prices" | "priceAs" | "relays">),
    ...merged,
    entries: [
      ...[stage, chosen.provider, ...(chosen.orchestrator === undefined ? [] : [chosen.orchestrator])],
      ...merged.entries,
      ...others.map(([setting, value]) => ({
        name: setting,
        value: typeof value === "string" ? value : JSON.stringify(value),
        from: sourceOf(setting),
      })),
    ],
  };
}

type Asked = Required<Pick<ConfigPlace, "flags" | "environment">>;

/** Throws INVALID_ARGUMENT. */
function stageOf(
  { stage }: FnmeshConfig,
  { flags, environment, name }: Asked & { readonly name: string },
): Entry {
  const file =
    stage === undefined ? undefined : { value: stage, from: { kind: "file", file: name } as const };
  const chosen = choose(choices.stage, { flags, environment, file, preset: presetStage })!;
  checkStage(chosen.value, chosen.from);
  return chosen;
}

/** Throws INVALID_ARGUMENT. */
function checkOrchestrator(entry: Entry | undefined): void {
  const problem = entry === undefined ? undefined : endpointProblem(entry.value);
  if (problem === undefined) return;
  throw new FnmeshError("INVALID_ARGUMENT", `${placeOf(choices.orchestrator, entry!.from)} ${problem}`, {
    hint: "Such as https://fnmesh.example or http://127.0.0.1:7421. Its token is FNMESH_TOKEN, or in --token-file.",
  });
}

function chosenBy({ config, sourceOf }: FileOfStage, asked: Asked) {
  const inFile = (setting: string, value: string | undefined) =>
    value === undefined ? undefined : { value, from: sourceOf(setting) };
  const { provider, orchestrator }: StageConfig = config;
  return {
    provider: choose(choices.provider, {
      ...{ ...asked, file: inFile("provider", provider), preset: "local" },
    })!,
    orchestrator: choose(choices.orchestrator, {
      ...{ ...asked, file: inFile("orchestrator.url", orchestrator?.url) },
    }),
  };
}

async function readConfig(path: string, cwd: string): Promise<FnmeshConfig> {
  const value = await loadConfigFile(path, cwd);
  const { checkConfig } = await import("./schema.ts");
  return checkConfig(value, path);
}

export const rungsOf = ({ stores }: Pick<Config, "stores">): readonly StoreRung[] =>
  Object.keys(stores) as StoreRung[];

/**
 * Takes out of the environment, which workers inherit, what proves who we are to a store: fnmesh's own variables, and
 * of AWS's those that are in force for the store. Workers are told over their control connection.
 */
export function hideStores(environment: NodeJS.ProcessEnv, { variables }: Pick<Config, "variables">): void {
  for (const field of fields) {
    if (field.secret === undefined) continue;
    for (const variable of field.variables) {
      if (isOwnVariable(variable) || variables.includes(variable)) delete environment[variable];
    }
  }
}
