// What `fnmesh trigger` was asked for, checked: every bad value is an error with a code and a hint before anything starts.

import { parseChannel, type StoreRung } from "@fnmesh/core/protocol";
import { platforms } from "@fnmesh/orchestrator/cost";
import type { JobWish } from "@fnmesh/providers/trigger";
import { providerNames } from "../platform/provider-names.ts";
import { type TriggerSource, triggerSources } from "../trigger-folder/template.ts";
import { parseNumber } from "./number-option.ts";
import { parseParams } from "./param-option.ts";
import { maybe, notEmpty, numberRules, oneOf, theChannel } from "./run-options.ts";

export const triggerPresets = { workers: "4", provider: "aws", channel: "auto", output: "trigger" } as const;

/** The options as commander leaves them: text, with the presets filled in. */
export interface RawTriggerOptions {
  readonly from: string;
  readonly map?: string;
  readonly output: string;
  readonly workers: string;
  readonly provider: string;
  readonly channel: string;
  readonly param?: readonly string[];
  readonly memory?: string;
  readonly timeout?: string;
  readonly encrypt: boolean;
  readonly priceAs?: string;
  readonly json?: boolean;
}

export interface TriggerOptions {
  readonly from: TriggerSource;
  readonly map: string | undefined;
  /** The folder as it was typed. */
  readonly output: string;
  /** What each job has that its item does not say. */
  readonly presets: JobWish;
  /** Whose drivers go along. */
  readonly stores: readonly StoreRung[];
  readonly json: boolean;
}

/** Throws USAGE, LIMIT, UNKNOWN_PROVIDER or UNKNOWN_CHANNEL. */
export function parseTriggerOptions(raw: RawTriggerOptions): TriggerOptions {
  const channel = theChannel(raw.channel);
  const params = parseParams(raw.param ?? []);
  const memoryMb = maybe(raw.memory, (text) => parseNumber(text, numberRules.memory));
  const timeoutMs = maybe(raw.timeout, (text) => Math.round(parseNumber(text, numberRules.timeout) * 1000));
  const priceAs = maybe(raw.priceAs, (name) => oneOf(name, platforms, "USAGE", "price table for"));
  return {
    from: oneOf(raw.from, triggerSources, "USAGE", "source of events"),
    map: maybe(raw.map, (file) => notEmpty(file, "--map", "a file")),
    output: notEmpty(raw.output, "--output", "a folder"),
    presets: {
      workers: parseNumber(raw.workers, numberRules.workers),
      provider: oneOf(raw.provider, providerNames, "UNKNOWN_PROVIDER", "provider"),
      channel,
      ...(Object.keys(params).length === 0 ? {} : { params }),
      ...(memoryMb === undefined ? {} : { memoryMb }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(raw.encrypt ? {} : { encrypt: false }),
      ...(priceAs === undefined ? {} : { priceAs }),
    },
    stores: storesOf(channel),
    json: raw.json === true,
  };
}

const allStores: readonly StoreRung[] = ["redis", "memcached", "s3-naive", "s3-combined"];

/** Which stores the orchestrator has, it alone knows: for `auto` all drivers go along. */
function storesOf(channel: string): readonly StoreRung[] {
  const rungs = parseChannel(channel);
  return rungs === "auto" ? allStores : allStores.filter((rung) => rungs.includes(rung));
}
