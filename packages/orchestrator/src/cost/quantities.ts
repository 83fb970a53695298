// From a run's usage to what a platform counts: rounded times, gigabytes and hours. Pure.

import type { StoreUsage } from "@fnmesh/core/internal";
import type { ItemName } from "./price.ts";
import type { BillingRules } from "./tariff.ts";
import { type InvocationUsage, inputFromS3, type RunUsage, type ServerKind, type StoreUse } from "./usage.ts";

/** Platforms call this a gigabyte: in memory, in stores and on the wire. */
const gigabyte = 2 ** 30;
const hourMs = 3_600_000;
/** A memory store that bills by units takes one for each kilobyte, and one for each command at least. */
const bytesPerUnit = 1024;

export type Quantities = Readonly<Record<ItemName, number>>;

export function quantitiesOf(usage: RunUsage, rules: BillingRules): Quantities {
  const objects = storeTotals(usage, ["s3-naive", "s3-combined", inputFromS3]);
  return {
    ...compute(usage.invocations, rules),
    "s3-put": objects.puts,
    "s3-list": objects.lists,
    "s3-get": objects.gets,
    "s3-delete": objects.deletes,
    "s3-written": objects.writtenBytes / gigabyte,
    "s3-read": objects.readBytes / gigabyte,
    "s3-stored": objects.keptByteMs / gigabyte / hourMs,
    ...memoryStore("redis", usage, rules),
    ...memoryStore("memcached", usage, rules),
    orchestrator: serverHours(usage, rules, ["orchestrator"]),
    relay: serverHours(usage, rules, ["relay"]),
    // Workers have to reach both; a memory store stands in a network of its own.
    address: serverHours(usage, rules, ["orchestrator", "relay"]),
    "relay-traffic": usage.bytes.relayed / gigabyte,
    "zone-traffic": usage.bytes.acrossZones / gigabyte,
    "direct-traffic": usage.bytes.direct / gigabyte,
  };
}

function compute(invocations: readonly InvocationUsage[], rules: BillingRules) {
  let gigabyteMs = 0;
  let vcpuMs = 0;
  for (const { ms, memoryMb } of invocations) {
    const billed = billedMs(ms, rules);
    const mb = billedMb(memoryMb, rules);
    gigabyteMs += (mb / (rules.gigabyteMb ?? 1024)) * billed;
    vcpuMs += vcpusOf(mb, rules) * billed;
  }
  return {
    compute: gigabyteMs / 1000,
    "compute-cpu": vcpuMs / 1000,
    invocations: invocations.length,
  };
}

export const billedMs = (ms: number, { granularityMs, leastMs }: BillingRules): number =>
  Math.max(leastMs, roundUp(ms, granularityMs));

/** Where a platform has no size as large, what was asked for counts as it is. */
export function billedMb(memoryMb: number, { memoryStepMb, memorySizesMb }: BillingRules): number {
  const stepped = roundUp(memoryMb, memoryStepMb);
  return memorySizesMb?.find((size) => size >= stepped) ?? stepped;
}

function vcpusOf(memoryMb: number, { cpus = [] }: BillingRules): number {
  return (cpus.find(({ upToMb }) => memoryMb <= upToMb) ?? cpus.at(-1))?.vcpus ?? 0;
}

/** A clock's tiny error must not cost a whole step. */
const roundUp = (value: number, step: number): number => Math.ceil(value / step - 1e-9) * step;

function memoryStore<Kind extends "redis" | "memcached">(kind: Kind, usage: RunUsage, rules: BillingRules) {
  const { commands, writtenBytes, readBytes, keptByteMs } = storeTotals(usage, [kind]);
  const hours = serverHours(usage, rules, [kind]);
  return {
    [`${kind}-node`]: hours,
    [`${kind}-units`]: Math.max(commands, (writtenBytes + readBytes) / bytesPerUnit),
    [`${kind}-stored`]: Math.max(keptByteMs / gigabyte / hourMs, rules.leastStoredGb * hours),
  } as Record<`${Kind}-${"node" | "units" | "stored"}`, number>;
}

function storeTotals({ stores }: RunUsage, rungs: readonly StoreUse[]) {
  const used = stores.filter(({ rung }) => rungs.includes(rung));
  const total = (name: keyof StoreUsage | "keptByteMs") => used.reduce((sum, usage) => sum + usage[name], 0);
  return {
    puts: total("puts"),
    gets: total("gets"),
    lists: total("lists"),
    deletes: total("deletes"),
    commands: total("commands"),
    writtenBytes: total("writtenBytes"),
    readBytes: total("readBytes"),
    keptByteMs: total("keptByteMs"),
  };
}

/** The part of an hour that the run took, for each server; one that was not there costs nothing. */
function serverHours({ servers }: RunUsage, { minimumHours }: BillingRules, kinds: readonly ServerKind[]) {
  return servers
    .filter(({ kind, ms }) => kinds.includes(kind) && ms > 0)
    .reduce((sum, { count, ms }) => sum + count * Math.max(minimumHours, ms / hourMs), 0);
}
