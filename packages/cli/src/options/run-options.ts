// What `fnmesh run` was asked for, checked: every bad value is an error with a code and a hint before anything starts.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import { channelNames, parseChannel } from "@fnmesh/core/protocol";
import { type LabProfile, labProfiles } from "@fnmesh/netlab";
import { type Platform, platforms } from "@fnmesh/orchestrator/cost";
import { providerNames } from "../platform/provider-names.ts";
import { didYouMean } from "../text/suggest.ts";
import { hostOf } from "./host-option.ts";
import { type NumberRule, parseNumber } from "./number-option.ts";
import { parseParams } from "./param-option.ts";

export const numberRules = {
  // A full mesh takes a descriptor per peer, and functions have 1,024 of them.
  workers: { flag: "--workers", least: 1, most: 1000, unit: "workers" },
  // The sizes that functions come in.
  memory: { flag: "--memory", least: 128, most: 10_240, unit: "MB" },
  // The longest that a function may run: 15 minutes.
  timeout: { flag: "--timeout", least: 0.1, most: 900, unit: "seconds", fractions: true },
  // More pass on more than one machine's processors can encrypt.
  relays: { flag: "--relays", least: 0, most: 64, unit: "relays" },
  port: { flag: "--port", least: 0, most: 65_535, unit: "" },
  observePort: { flag: "--observe-port", least: 0, most: 65_535, unit: "" },
} as const satisfies Record<string, NumberRule>;

export const runPresets = {
  workers: "4",
  nat: "none",
  channel: "auto",
  port: "0",
  observePort: "0",
} as const;

/** What workers of this machine have when nobody says otherwise; on a platform, what is deployed there has. */
export const localSizes = { memoryMb: 512, timeoutMs: 900_000 } as const;

/** The options as commander leaves them: text, with the presets filled in. */
export interface RawRunOptions {
  readonly workers: string;
  readonly provider?: string;
  readonly stage?: string;
  readonly orchestrator?: string;
  readonly tokenFile?: string;
  readonly nat: string;
  readonly channel: string;
  readonly input?: readonly string[];
  readonly output?: string;
  readonly param?: readonly string[];
  readonly memory?: string;
  readonly timeout?: string;
  readonly relays?: string;
  readonly listen?: string;
  readonly port: string;
  readonly observePort: string;
  readonly advertise?: string;
  readonly encrypt: boolean;
  readonly config?: string;
  readonly priceAs?: string;
  readonly prices?: string;
  readonly json?: boolean;
}

export interface AskedOptions {
  /** The job's file as the person wrote it. */
  readonly job: string;
  readonly workers: number;
  /** Undefined: the configuration says it, as it says the stage. */
  readonly provider: string | undefined;
  readonly stage: string | undefined;
  /** Of an orchestrator elsewhere; undefined: the configuration says it. */
  readonly orchestrator: string | undefined;
  readonly tokenFile: string | undefined;
  readonly nat: LabProfile;
  /** As it was typed: `auto`, one way, or several separated by commas. */
  readonly channel: string;
  /** Files and globs, not yet expanded. */
  readonly input: readonly string[];
  readonly output: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  /** Undefined: as much as the provider's workers have, as of the time. */
  readonly memoryMb: number | undefined;
  readonly timeoutMs: number | undefined;
  /** Relay processes beside the orchestrator. */
  readonly relays: number | undefined;
  /** The address to listen on; undefined: loopback. */
  readonly listen: string | undefined;
  /** Where workers dial; 0: any free port. */
  readonly port: number;
  readonly observePort: number;
  /** The address or name that workers are told; undefined: the one listened on. */
  readonly advertise: string | undefined;
  readonly encrypt: boolean;
  /** The file of settings; undefined: it is looked for. */
  readonly config: string | undefined;
  /** Undefined: the provider's own platform, or AWS where it has none. */
  readonly priceAs: Platform | undefined;
  /** A file with prices that go before the table's. */
  readonly prices: string | undefined;
  readonly json: boolean;
}

/** With what the configuration has for the rest. */
export interface RunOptions extends Omit<AskedOptions, "provider" | "stage"> {
  readonly provider: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

/**
 * Checks what was typed. Throws USAGE, LIMIT, UNKNOWN_NAT_PROFILE, UNKNOWN_PROVIDER or UNKNOWN_CHANNEL.
 *
 * @example
 * const options = parseRunOptions(["job.ts"], { ...rawRunPresets, workers: "16" });
 */
export function parseRunOptions(operands: readonly string[], raw: RawRunOptions): AskedOptions {
  return {
    job: theJob(operands),
    workers: parseNumber(raw.workers, numberRules.workers),
    provider: maybe(raw.provider, (name) => oneOf(name, providerNames, "UNKNOWN_PROVIDER", "provider")),
    stage: maybe(raw.stage, (name) => notEmpty(name, "--stage", "a name")),
    orchestrator: maybe(raw.orchestrator, (url) => notEmpty(url, "--orchestrator", "an address")),
    tokenFile: maybe(raw.tokenFile, (file) => notEmpty(file, "--token-file", "a file")),
    nat: oneOf(raw.nat, labProfiles, "UNKNOWN_NAT_PROFILE", "NAT profile"),
    channel: theChannel(raw.channel),
    input: (raw.input ?? []).map((glob) => notEmpty(glob, "--input", "a file or a glob")),
    output: maybe(raw.output, (file) => notEmpty(file, "--output", "a file")),
    params: parseParams(raw.param ?? []),
    memoryMb: maybe(raw.memory, (text) => parseNumber(text, numberRules.memory)),
    timeoutMs: maybe(raw.timeout, (text) => Math.round(parseNumber(text, numberRules.timeout) * 1000)),
    relays: theRelays(raw),
    listen: maybe(raw.listen, (host) => hostOf(host, "--listen")),
    port: parseNumber(raw.port, numberRules.port),
    observePort: parseNumber(raw.observePort, numberRules.observePort),
    advertise: maybe(raw.advertise, (host) => hostOf(host, "--advertise")),
    encrypt: raw.encrypt,
    config: configFile(raw.config),
    priceAs: maybe(raw.priceAs, (name) => oneOf(name, platforms, "USAGE", "price table for")),
    prices: maybe(raw.prices, (file) => notEmpty(file, "--prices", "a file")),
    json: raw.json === true,
  };
}

/** What was not typed stays undefined. */
export const maybe = <Value>(text: string | undefined, parse: (text: string) => Value): Value | undefined =>
  text === undefined ? undefined : parse(text);

/** Throws this code, with the nearest name that there is. */
export function oneOf<Name extends string>(
  given: string,
  known: readonly Name[],
  code: ErrorCode,
  noun: string,
): Name {
  const found = known.find((name) => name === given);
  if (found !== undefined) return found;
  throw new FnmeshError(code, `there is no ${noun} "${given}"`, { hint: didYouMean(given, known) });
}

/** Throws UNKNOWN_CHANNEL, or what is wrong with a list. */
export function theChannel(given: string): string {
  try {
    parseChannel(given);
    return given;
  } catch (error) {
    if (given.includes(",")) throw error;
    throw new FnmeshError("UNKNOWN_CHANNEL", `there is no channel "${given}"`, {
      cause: error,
      hint: didYouMean(given, channelNames),
    });
  }
}

/** Relays that no pair could be given would be a misunderstanding. */
function theRelays({ relays, channel }: RawRunOptions): number | undefined {
  if (relays === undefined) return undefined;
  const count = parseNumber(relays, numberRules.relays);
  if (count === 0 || usesRelays(channel)) return count;
  throw new FnmeshError("USAGE", `the channel ${channel} has no use for --relays`, {
    hint: "Name relay among its ways, as in --channel direct,relay.",
  });
}

export function usesRelays(channel: string): boolean {
  const rungs = parseChannel(channel);
  return rungs === "auto" || rungs.includes("relay");
}

/** `--config`, of any command. Throws USAGE. */
export const configFile = (given: string | undefined): string | undefined =>
  given === undefined ? undefined : notEmpty(given, "--config", "a file");

export function notEmpty(text: string, flag: string, takes: string): string {
  if (text.trim() !== "") return text;
  throw new FnmeshError("USAGE", `${flag} takes ${takes}, not an empty text`, {
    hint: "Is a shell variable unset?",
  });
}

const looksLikeJob = /\.[cm]?[jt]sx?$/;

/** The one operand. More than one mostly means that the shell expanded a glob that was not quoted. */
function theJob(operands: readonly string[]): string {
  const [job, ...extra] = operands;
  if (job === undefined || job === "") {
    throw new FnmeshError("USAGE", "no job is given", { hint: "Say which: fnmesh run job.ts" });
  }
  if (extra.length === 0) return job;
  const shown = extra.slice(0, 3).join(", ") + (extra.length > 3 ? ", …" : "");
  const jobs = operands.filter((operand) => looksLikeJob.test(operand));
  const hint =
    jobs.length > 1
      ? "Run one job at a time."
      : `If your shell expanded a glob, quote it: --input 'texts/*.txt'. fnmesh expands it itself.`;
  throw new FnmeshError("USAGE", `one job is expected, and there is more: ${shown}`, { hint });
}
