// What `fnmesh relay` was asked for, checked.

import { FnmeshError } from "@fnmesh/core";
import { parseNumber } from "./number-option.ts";
import { notEmpty, numberRules } from "./run-options.ts";
import { takeToken } from "./token.ts";

export const relayTokenVariable = "FNMESH_RELAY_TOKEN";
/** As the token file: the token is the first line of stdin, and stdin's end is the relay's. */
export const fromStdin = "-";

export interface RawRelayOptions {
  readonly host: string;
  readonly port: string;
  readonly advertise?: string;
  readonly tokenFile?: string;
}

export interface RelayOptions {
  readonly orchestrator: { readonly host: string; readonly port: number };
  readonly host: string;
  readonly port: number;
  readonly advertise: string | undefined;
  /** Undefined: it comes from stdin. */
  readonly token: string | undefined;
}

/** Throws USAGE or LIMIT. */
export function parseRelayOptions(
  orchestrator: string,
  raw: RawRelayOptions,
  environment: NodeJS.ProcessEnv,
): RelayOptions {
  const stdin = raw.tokenFile === fromStdin;
  const token = takeToken(stdin ? undefined : raw.tokenFile, environment, relayTokenVariable);
  if (token === undefined && !stdin) {
    throw new FnmeshError("USAGE", "a relay needs the orchestrator's relay token", {
      hint: `Set ${relayTokenVariable}, or name a file that holds it: --token-file.`,
    });
  }
  return {
    orchestrator: endpointOf(orchestrator),
    host: notEmpty(raw.host, "--host", "an address"),
    port: parseNumber(raw.port, numberRules.port),
    advertise: raw.advertise === undefined ? undefined : notEmpty(raw.advertise, "--advertise", "an address"),
    token: stdin ? undefined : token,
  };
}

/** `host:port`, the host of an IPv6 address in brackets. */
function endpointOf(text: string): RelayOptions["orchestrator"] {
  const [, bracketed, plain, port] = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s]+)):(\d+)$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined && port !== undefined) {
    return {
      host,
      port: parseNumber(port, { ...numberRules.port, flag: "the orchestrator's port", least: 1 }),
    };
  }
  throw new FnmeshError("USAGE", `"${text}" is not an orchestrator's address`, {
    hint: "Give host and port: 192.0.2.1:7420, or [2001:db8::1]:7420.",
  });
}
