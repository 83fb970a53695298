// What `fnmesh serve` was asked for, checked. The token comes from a file or the environment, never from the arguments:
// those are everyone's to read.

import { readFileSync } from "node:fs";
import { FnmeshError } from "@fnmesh/core";
import type { RawServeOptions } from "../program.ts";
import { type NumberRule, parseNumber } from "./number-option.ts";
import { configFile, numberRules } from "./run-options.ts";

const apiPort: NumberRule = { ...numberRules.port, flag: "--api-port" };

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly apiPort: number;
  readonly token: string | undefined;
  /** The file of settings; undefined: it is looked for. */
  readonly config: string | undefined;
}

/** Throws USAGE or LIMIT. Takes the token out of the environment, which workers inherit. */
export function parseServeOptions(raw: RawServeOptions, environment: NodeJS.ProcessEnv): ServeOptions {
  const inherited = environment.FNMESH_TOKEN;
  delete environment.FNMESH_TOKEN;
  const given = raw.tokenFile === undefined ? inherited : readToken(raw.tokenFile);
  return {
    host: raw.host,
    port: parseNumber(raw.port, numberRules.port),
    apiPort: parseNumber(raw.apiPort, apiPort),
    token: given === "" ? undefined : given,
    config: configFile(raw.config),
  };
}

function readToken(file: string): string {
  try {
    const token = readFileSync(file, "utf8").trim();
    if (token !== "") return token;
  } catch (cause) {
    const { message } = cause as Error;
    throw new FnmeshError("USAGE", `the token file cannot be read: ${message}`, {
      cause,
      hint: "Name a file that holds the token and that you may read.",
    });
  }
  throw new FnmeshError("USAGE", `the token file ${file} is empty`, {
    hint: `Make a token: openssl rand -base64 24 > ${file}`,
  });
}
