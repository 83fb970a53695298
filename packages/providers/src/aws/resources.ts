// What fnmesh keeps on AWS, in the order in which it is made.

import { readFileSync } from "node:fs";
import { FnmeshError } from "@fnmesh/core";
import { builtEntry } from "../kit/built-entry.ts";
import type { Resource } from "../kit/deployment.ts";
import type { PlatformSession } from "../platform.ts";
import { codeArchive } from "./code-archive.ts";
import { functionResource } from "./function.ts";
import { codeFile } from "./function-facts.ts";
import { invocationSettings } from "./invocation-settings.ts";
import { logGroupResource } from "./log-group.ts";
import { roleName } from "./names.ts";
import { getRole, roleResource } from "./role.ts";
import type { AwsClients } from "./sdk.ts";
import type { AwsSettings } from "./settings.ts";

/** Where the build puts the function's code. */
const entry = "aws/entry.cjs";

export interface AwsResourcesOptions {
  readonly settings: AwsSettings;
  readonly clients: AwsClients;
  readonly clock: PlatformSession["clock"];
  /** The function's code. Default: what the build has made of entry.ts. */
  readonly code?: Uint8Array;
}

/** The log group, the role (not wanted where the user has one), the function, and how it is invoked. Throws PROVIDER_UNAVAILABLE. */
export function awsResources({ settings, clients, clock, code }: AwsResourcesOptions): readonly Resource[] {
  const { lambda, iam, logs, region } = clients;
  const archive = codeArchive(codeFile, code ?? readFileSync(builtEntry(entry)));
  const roleArn = async (signal: AbortSignal): Promise<string> =>
    settings.roleArn ??
    arnOf(await getRole(iam, roleName(settings, region), signal), roleName(settings, region));
  return [
    logGroupResource(settings, logs),
    roleResource({ settings, iam, region, clock }),
    functionResource({ settings, lambda, region, clock, code: archive, roleArn }),
    invocationSettings(settings, lambda),
  ];
}

function arnOf(role: { readonly Arn?: string | undefined } | undefined, name: string): string {
  if (role?.Arn !== undefined) return role.Arn;
  throw new FnmeshError("DEPLOY_FAILED", `the role ${name} is gone`, {
    hint: "Somebody removed it meanwhile: deploy again.",
  });
}
