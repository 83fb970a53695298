// The benchmark command's options.

import { parseArgs } from "node:util";
import { parseChannel, type Rung } from "@fnmesh/core/protocol";
import { type KeyKind, keyKinds } from "../records/keys.ts";
import { parseBytes } from "./bytes.ts";

export const settingNames = ["local", "cloud"] as const;
export type SettingName = (typeof settingNames)[number];

export interface BenchOptions {
  readonly scenario: string;
  readonly workers: number | undefined;
  readonly repetitions: number | undefined;
  /** Where the JSON document goes. */
  readonly json: string | undefined;
  readonly setting: SettingName | undefined;
  /** Shuffles in one job. */
  readonly rounds: number | undefined;
  readonly channels: readonly Rung[] | undefined;
  /** What goes between workers in one round, all together. */
  readonly bytes: number | undefined;
  readonly keys: KeyKind | undefined;
  readonly dilation: number | undefined;
  /** Of the first repetition's data; each further one's is one higher. */
  readonly seed: number | undefined;
  /** Whether direct connections are encrypted where they would not be. */
  readonly encrypt: boolean;
  /** Measures only what the JSON document does not hold yet. */
  readonly resume: boolean;
}

/** Wrong usage, in words for the person. */
export class UsageError extends Error {}

const shape = {
  workers: { type: "string" },
  repetitions: { type: "string" },
  json: { type: "string" },
  setting: { type: "string" },
  rounds: { type: "string" },
  channels: { type: "string" },
  // As `fnmesh run` has it.
  channel: { type: "string" },
  bytes: { type: "string" },
  keys: { type: "string" },
  dilation: { type: "string" },
  seed: { type: "string" },
  encrypt: { type: "boolean" },
  resume: { type: "boolean" },
} as const;

export type OptionName = keyof typeof shape;

/** What every scenario takes. */
const common: readonly OptionName[] = ["workers", "repetitions", "json"];

/** What a scenario takes beyond these. */
export type Scenarios = Readonly<Record<string, { readonly takes?: readonly OptionName[] }>>;

export function parseOptions(args: readonly string[], scenarios: Scenarios): BenchOptions {
  const { values, positionals } = parsed(args);
  const [scenario, ...more] = positionals;
  const choice = `one of: ${Object.keys(scenarios).join(", ")}`;
  if (scenario === undefined) throw new UsageError(`which scenario? ${choice}`);
  if (!Object.hasOwn(scenarios, scenario)) throw new UsageError(`no scenario "${scenario}"; ${choice}`);
  if (more.length > 0) throw new UsageError(`one scenario at a time, not also "${more.join(" ")}"`);
  const taken = [...common, ...(scenarios[scenario]!.takes ?? [])];
  const foreign = Object.keys(values).find((name) => !taken.includes(name as OptionName));
  if (foreign !== undefined) throw new UsageError(`the scenario "${scenario}" has no --${foreign}`);
  if (values.resume && values.json === undefined) throw new UsageError("--resume goes with --json FILE");
  return {
    scenario,
    workers: whole("--workers", values.workers, 2, 1000),
    repetitions: whole("--repetitions", values.repetitions, 1, 1000),
    json: values.json,
    setting: oneOf("--setting", values.setting, settingNames),
    rounds: whole("--rounds", values.rounds, 1, 1000),
    channels: channelsOf(values.channels ?? values.channel),
    bytes: bytesOf(values.bytes),
    keys: oneOf("--keys", values.keys, keyKinds),
    dilation: whole("--dilation", values.dilation, 1, 1000),
    seed: whole("--seed", values.seed, 0, 2 ** 31 - 1),
    encrypt: values.encrypt ?? false,
    resume: values.resume ?? false,
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: shape, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}"`);
}

function oneOf<Name extends string>(
  option: string,
  text: string | undefined,
  names: readonly Name[],
): Name | undefined {
  if (text === undefined) return undefined;
  const found = names.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} takes one of ${names.join(", ")}, not "${text}"`);
}

function bytesOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes !== undefined && bytes >= 1) return bytes;
  throw new UsageError(`--bytes takes an amount as 256MB or 1GiB, not "${text}"`);
}

/** Each on its own, in this order: a list here is no ladder. */
function channelsOf(text: string | undefined): readonly Rung[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(",").map((name) => name.trim());
  if (new Set(names).size < names.length) throw new UsageError(`--channels names a channel twice: "${text}"`);
  return names.flatMap((name) => {
    try {
      const rungs = parseChannel(name);
      if (rungs !== "auto") return rungs;
    } catch (error) {
      throw new UsageError((error as Error).message);
    }
    throw new UsageError('--channels takes single ways, and "auto" is a choice among them');
  });
}
