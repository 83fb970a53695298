// Google's own command: it has the person's login, builds the function and waits until it is there. What it says in
// JSON is the API's own resource (cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions).

import { FnmeshError } from "@fnmesh/core";
import { runTool } from "../kit/tool.ts";
import type { Needs, PlatformSession } from "../platform.ts";
import type { GoogleSettings } from "./settings.ts";

export const gcloudTool: Needs["tools"][number] = {
  command: "gcloud",
  install: "Install the Google Cloud CLI (cloud.google.com/sdk/docs/install), then: gcloud auth login",
};

/** What is read of a function. Absent counts are 0. */
export interface CloudFunction {
  /** `projects/P/locations/R/functions/NAME` */
  readonly name: string;
  readonly state?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly url?: string;
  readonly buildConfig?: { readonly runtime?: string; readonly entryPoint?: string };
  readonly serviceConfig?: {
    readonly uri?: string;
    readonly availableMemory?: string;
    readonly timeoutSeconds?: number;
    readonly minInstanceCount?: number;
    readonly maxInstanceCount?: number;
    readonly maxInstanceRequestConcurrency?: number;
    readonly serviceAccountEmail?: string;
  };
}

export interface Gcloud {
  /** What it prints. Rejects with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE. */
  run(args: readonly string[], signal: AbortSignal): Promise<string>;
  /** The stage's function; undefined: there is none. */
  find(signal: AbortSignal): Promise<CloudFunction | undefined>;
}

/** What it says where it has no login, or one without the right. */
const noRight =
  /active account|reauthentica|invalid_grant|auth login|PERMISSION_DENIED|status=\[40[13]\]|does not have permission/i;
const shownLines = 8;

export function createGcloud(
  { project, region, name }: Pick<GoogleSettings, "project" | "region" | "name">,
  { environment }: Pick<PlatformSession, "environment">,
): Gcloud {
  const run: Gcloud["run"] = async (args, signal) => {
    const whole = [...args, `--project=${project}`, "--quiet"];
    const { code, stdout, stderr } = await runTool({ tool: gcloudTool, args: whole, environment, signal });
    if (code === 0) return stdout;
    const said = stderr.trim().split("\n").slice(-shownLines).join("\n");
    const message = `\`gcloud ${args.slice(0, 3).join(" ")} …\` ended with ${code}:\n${said}`;
    if (noRight.test(stderr)) throw new FnmeshError("PLATFORM_AUTH", message, { hint: authHint });
    throw new FnmeshError("DEPLOY_FAILED", message, {
      hint: "What gcloud says above is Google's own word.",
    });
  };
  return {
    run,
    // A list tells what is not there without an error, whose text would have to be guessed at.
    async find(signal) {
      const filter = `--filter=name~/functions/${name}$`;
      const args = ["functions", "list", "--v2", `--regions=${region}`, filter, "--format=json"];
      const found = JSON.parse(await run(args, signal)) as CloudFunction[];
      return found[0];
    },
  };
}

const authHint =
  "Log in by `gcloud auth login`, with an account that has the roles that docs/providers/google.md lists.";
