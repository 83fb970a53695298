// What `fnmesh serve` was asked for, checked.

import { isIP } from "node:net";
import { FnmeshError } from "@fnmesh/core";
import type { TlsFiles } from "@fnmesh/orchestrator/api";
import type { RawServeOptions } from "../program.ts";
import { type NumberRule, parseNumber } from "./number-option.ts";
import { relayTokenVariable } from "./relay-options.ts";
import { configFile, notEmpty, numberRules } from "./run-options.ts";
import { takeToken } from "./token.ts";

const apiPort: NumberRule = { ...numberRules.port, flag: "--api-port" };
const observePort: NumberRule = { ...numberRules.port, flag: "--observe-port" };

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly observePort: number;
  /** The address or name that workers are told; undefined: the one listened on. */
  readonly advertise: string | undefined;
  /** Networks of balancers that speak the PROXY protocol; undefined: workers come directly. */
  readonly proxies: readonly string[] | undefined;
  readonly apiHost: string;
  readonly apiPort: number;
  readonly tls: TlsFiles | undefined;
  /** The API may listen on an open address in the clear. */
  readonly insecure: boolean;
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
    observePort: parseNumber(raw.observePort, observePort),
    advertise: raw.advertise === undefined ? undefined : hostOf(raw.advertise),
    proxies: raw.proxyProtocol?.flatMap((each) => each.split(",")),
    apiHost: raw.apiHost === undefined ? raw.host : notEmpty(raw.apiHost, "--api-host", "an address"),
    tls: tlsFiles(raw.tlsCert, raw.tlsKey),
    insecure: raw.insecure ?? false,
    apiPort: parseNumber(raw.apiPort, apiPort),
    token: takeToken(raw.tokenFile, environment, "FNMESH_TOKEN"),
    relayToken: takeToken(raw.relayTokenFile, environment, relayTokenVariable),
    config: configFile(raw.config),
  };
}

/** Workers dial the ports that are listened on, so a port here would be a misunderstanding. */
function hostOf(text: string): string {
  if (isIP(text) !== 0 || /^[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?$/i.test(text)) return text;
  throw new FnmeshError("USAGE", `--advertise takes an address or a name, not "${text}"`, {
    hint: "Give what workers dial, without a port: 203.0.113.5, or fnmesh.example.org.",
  });
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  throw new FnmeshError("USAGE", "a certificate needs its key, and a key its certificate", {
    hint: "Give both: --tls-cert FILE --tls-key FILE.",
  });
}
