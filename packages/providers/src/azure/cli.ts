// Azure's own command: it has the person's login, and says what there is in JSON, which is Azure's own description of a
// resource.

import { FnmeshError } from "@fnmesh/core";
import { runTool } from "../kit/tool.ts";
import type { Needs, PlatformSession } from "../platform.ts";

export const azTool: Needs["tools"][number] = {
  command: "az",
  install: "Install the Azure CLI (learn.microsoft.com/cli/azure/install-azure-cli), then: az login",
};

export interface Az {
  /** What it prints, parsed. Rejects with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE. */
  run(args: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** The same; undefined for what is not there. */
  find(args: readonly string[], signal: AbortSignal): Promise<unknown>;
}

/** What it ends with where a resource is missing, for most of its commands; the text is of the others. */
const missingCode = 3;
const missing = /ResourceNotFound|ResourceGroupNotFound|not found|could not be found|does not exist/i;
const noLogin = /az login|AADSTS|AuthorizationFailed|InvalidAuthenticationToken|does not have authorization/i;
const shownLines = 8;

export function createAz({ environment }: Pick<PlatformSession, "environment">): Az {
  const call = async (args: readonly string[], signal: AbortSignal) => {
    const whole = [...args, "--output", "json", "--only-show-errors"];
    return await runTool({ tool: azTool, args: whole, environment, signal });
  };
  const refusal = (args: readonly string[], code: number, stderr: string): FnmeshError => {
    const said = stderr.trim().split("\n").slice(-shownLines).join("\n");
    const message = `\`az ${args.slice(0, 3).join(" ")} …\` ended with ${code}:\n${said}`;
    if (noLogin.test(stderr)) {
      return new FnmeshError("PLATFORM_AUTH", message, {
        hint: "Log in by `az login`, with an account that has the role that docs/providers/azure.md names.",
      });
    }
    return new FnmeshError("DEPLOY_FAILED", message, {
      hint: "What az says above is Azure's own word.",
    });
  };
  const parsed = (stdout: string): unknown => (stdout.trim() === "" ? undefined : JSON.parse(stdout));
  return {
    async run(args, signal) {
      const { code, stdout, stderr } = await call(args, signal);
      if (code !== 0) throw refusal(args, code, stderr);
      return parsed(stdout);
    },
    async find(args, signal) {
      const { code, stdout, stderr } = await call(args, signal);
      if (code === 0) return parsed(stdout);
      if (code === missingCode || missing.test(stderr)) return undefined;
      throw refusal(args, code, stderr);
    },
  };
}
