// What `fnmesh serve` was asked for, checked.

import type { RawServeOptions } from "../program.ts";
import { type NumberRule, parseNumber } from "./number-option.ts";
import { relayTokenVariable } from "./relay-options.ts";
import { configFile, numberRules } from "./run-options.ts";
import { takeToken } from "./token.ts";

const apiPort: NumberRule = { ...numberRules.port, flag: "--api-port" };

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiPort: number;
  readonly token: string | undefined;
  /** What relays prove that they know; undefined: none may register. */
  readonly relayToken: string | undefined;
  /** The file of settings; undefined: it is looked for. */
  readonly config: string | undefined;
}

/** Throws USAGE or LIMIT. Takes the tokens out of the environment, which workers inherit. */
export function parseServeOptions(raw: RawServeOptions, environment: NodeJS.ProcessEnv): ServeOptions {
  return {
    host: raw.host,
    port: parseNumber(raw.port, numberRules.port),
    apiPort: parseNumber(raw.apiPort, apiPort),
    token: takeToken(raw.tokenFile, environment, "FNMESH_TOKEN"),
    relayToken: takeToken(raw.relayTokenFile, environment, relayTokenVariable),
    config: configFile(raw.config),
  };
}
