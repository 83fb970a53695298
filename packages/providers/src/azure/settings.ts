// The settings of Azure Functions: under which names, where, and what an instance has.

import { FnmeshError } from "@fnmesh/core";
import { fieldsOf } from "../kit/fields.ts";
import type { Platform } from "../platform.ts";
import { instances, limits, memorySizesMb } from "./limits.ts";

/** The section `azure` of fnmesh.config.ts: docs/providers/azure.md. */
export interface AzureSection {
  /** Has to be set: with the stage it names the storage account, and part of an address, which nobody else may have. */
  readonly name?: string | undefined;
  /** Preset: `eastus`. */
  readonly location?: string | undefined;
  /** 512, 2,048 or 4,096. */
  readonly memoryMb?: number | undefined;
  readonly timeoutMs?: number | undefined;
  readonly maxInstances?: number | undefined;
  /** Of the queue service. Absent: the account's own. */
  readonly queues?: string | undefined;
}

export interface AzureSettings {
  readonly stage: string;
  readonly location: string;
  /** The resource group, which holds all that is made. */
  readonly group: string;
  /** The storage account: 3 to 24 of a-z and 0-9, which nobody else in Azure has. */
  readonly account: string;
  /** The function app, whose name is part of an address. */
  readonly app: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly maxInstances: number;
  /** Of the queue service; undefined: the account's own. */
  readonly queues: string | undefined;
}

export const azureSettings: Platform<AzureSettings>["settings"] = (section, { stage }) => {
  const fields = fieldsOf<AzureSection>("azure", section);
  const { least, most, preset } = limits.memoryMb;
  const name = fields.text("name");
  const settings: AzureSettings = {
    stage,
    location: fields.text("location", "eastus"),
    group: `fnmesh-${stage}`,
    account: `${name}${stage}`,
    app: `${name}-${stage}`,
    memoryMb: fields.count("memoryMb", { least, most, preset }),
    timeoutMs: fields.count("timeoutMs", { least: 1_000, ...limits.timeoutMs }),
    maxInstances: fields.count("maxInstances", instances),
    queues: fields.optionalText("queues") === undefined ? undefined : fields.url("queues"),
  };
  fields.end();
  if (!/^[a-z0-9]{3,24}$/.test(settings.account)) {
    throw new FnmeshError("INVALID_ARGUMENT", "azure.name and the stage are no name for a storage account", {
      hint: "Together they have to be 3 to 24 lower-case letters and digits.",
    });
  }
  if (!memorySizesMb.includes(settings.memoryMb)) {
    throw new FnmeshError("INVALID_ARGUMENT", `azure.memoryMb is none of ${memorySizesMb.join(", ")}`);
  }
  return settings;
};
