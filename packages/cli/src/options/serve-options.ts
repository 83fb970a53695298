// What `fnmesh serve` was asked for, checked.

import { FnmeshError } from "@fnmesh/core";
import type { TlsFiles } from "@fnmesh/orchestrator/api";
import { providerNames } from "../platform/provider-names.ts";
import type { RawServeOptions } from "../program.ts";
import { didYouMean } from "../text/suggest.ts";
import { hostOf } from "./host-option.ts";
import { type NumberRule, parseNumber } from "./number-option.ts";
import { relayTokenVariable } from "./relay-options.ts";
import { configFile, maybe, notEmpty, numberRules } from "./run-options.ts";
import { takeToken } from "./token.ts";

const apiPort: NumberRule = { ...numberRules.port, flag: "--api-port" };

export interface ServeOptions {
  readonly host: string;
  readonly port: number;
  readonly observePort: number;
  /** The address or name that workers are told; undefined: the one listened on. */
  readonly advertise: string | undefined;
  /** Networks of balancers that speak the PROXY protocol; undefined: workers come directly. */
  readonly proxies: readonly string[] | undefined;
  /** Platforms that jobs may run on, beside this machine; undefined: the configuration's. */
  readonly providers: readonly string[] | undefined;
  readonly stage: string | undefined;
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

/** Throws USAGE, LIMIT or UNKNOWN_PROVIDER. Takes the tokens out of the environment, which workers inherit. */
export function parseServeOptions(raw: RawServeOptions, environment: NodeJS.ProcessEnv): ServeOptions {
  return {
    host: raw.host,
    port: parseNumber(raw.port, numberRules.port),
    observePort: parseNumber(raw.observePort, numberRules.observePort),
    advertise: maybe(raw.advertise, (host) => hostOf(host, "--advertise")),
    proxies: raw.proxyProtocol?.flatMap((each) => each.split(",")),
    providers: raw.provider?.flatMap((each) => each.split(",")).map(providerOf),
    stage: maybe(raw.stage, (name) => notEmpty(name, "--stage", "a name")),
    apiHost: raw.apiHost === undefined ? raw.host : notEmpty(raw.apiHost, "--api-host", "an address"),
    tls: tlsFiles(raw.tlsCert, raw.tlsKey),
    insecure: raw.insecure ?? false,
    apiPort: parseNumber(raw.apiPort, apiPort),
    token: takeToken(raw.tokenFile, environment, "FNMESH_TOKEN"),
    relayToken: takeToken(raw.relayTokenFile, environment, relayTokenVariable),
    config: configFile(raw.config),
  };
}

function providerOf(given: string): string {
  if (providerNames.includes(given)) return given;
  throw new FnmeshError("UNKNOWN_PROVIDER", `there is no provider "${given}"`, {
    hint: didYouMean(given, providerNames),
  });
}

function tlsFiles(certFile: string | undefined, keyFile: string | undefined): TlsFiles | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile !== undefined && keyFile !== undefined) return { certFile, keyFile };
  throw new FnmeshError("USAGE", "a certificate needs its key, and a key its certificate", {
    hint: "Give both: --tls-cert FILE --tls-key FILE.",
  });
}
