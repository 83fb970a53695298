// The settings that are in force for a command: a file's, and the environment's over them.

import { resolve } from "node:path";
import type { StoreRung } from "@fnmesh/core/protocol";
import type { S3Access, StoreSettings } from "@fnmesh/stores";
import { findConfigFile, loadConfigFile } from "./config-file.ts";
import type { FnmeshConfig } from "./define-config.ts";
import { fields, isOwnVariable } from "./fields.ts";
import { type Entry, mergeStores, type Source } from "./merge.ts";

export interface Config extends Pick<FnmeshConfig, "prices" | "priceAs" | "relays"> {
  /** Where the file is, if there is one. */
  readonly file: string | undefined;
  /** By rung. They hold credentials: never log them. */
  readonly stores: StoreSettings;
  /** Where input in S3 is read, where that was asked for. The same. */
  readonly s3?: S3Access;
  /** All that is in force, as it may be shown. */
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
  /** Whether the job's input is in S3. */
  readonly readsS3?: boolean;
}

/**
 * Rejects with INVALID_ARGUMENT, which names the field and never a value. Without a file it loads neither esbuild
 * nor zod.
 *
 * @example
 * const { stores } = await loadConfig({ folder: dirname(job), cwd, environment: process.env });
 */
export async function loadConfig(place: ConfigPlace): Promise<Config> {
  const { folder, file, cwd, environment, readsS3 } = place;
  const path = file === undefined ? findConfigFile(folder) : resolve(cwd, file);
  const config = path === undefined ? {} : await readConfig(path, cwd);
  const { stores = {}, prices, priceAs, relays } = config;
  const merged = mergeStores({
    file: path === undefined ? undefined : { name: path, stores },
    environment,
    readsS3,
  });
  const from: Source = { kind: "file", file: path ?? "" };
  const others = Object.entries({ prices, priceAs, relays }).filter(([, value]) => value !== undefined);
  return {
    file: path,
    ...(Object.fromEntries(others) as Pick<FnmeshConfig, "prices" | "priceAs" | "relays">),
    ...merged,
    entries: [
      ...merged.entries,
      ...others.map(([name, value]) => ({
        name,
        value: typeof value === "string" ? value : JSON.stringify(value),
        from,
      })),
    ],
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
