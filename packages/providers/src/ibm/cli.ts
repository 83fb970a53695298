// IBM's own command with its plug-in for Code Engine: it has the person's login and project. An application, as it says
// it in JSON, is a Service of Knative's, which Code Engine is made of.

import { FnmeshError } from "@fnmesh/core";
import { runTool } from "../kit/tool.ts";
import type { Needs, PlatformSession } from "../platform.ts";
import type { IbmSettings } from "./settings.ts";

export const ibmcloudTool: Needs["tools"][number] = {
  command: "ibmcloud",
  install:
    "Install the IBM Cloud CLI (cloud.ibm.com/docs/cli), then: ibmcloud plugin install code-engine; ibmcloud login; ibmcloud ce project select --name PROJECT",
};

/** What is read of an application. */
export interface Application {
  readonly spec?: {
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec?: {
        readonly containerConcurrency?: number;
        readonly timeoutSeconds?: number;
        readonly containers?: readonly {
          readonly image?: string;
          readonly env?: readonly { readonly name: string; readonly value?: string }[];
          readonly resources?: { readonly limits?: { readonly memory?: string } };
        }[];
      };
    };
  };
  readonly status?: { readonly url?: string };
}

export interface CodeEngine {
  /** Rejects with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE. */
  run(verb: "create" | "update" | "delete", args: readonly string[], signal: AbortSignal): Promise<void>;
  /** The stage's application; undefined: there is none. */
  find(signal: AbortSignal): Promise<Application | undefined>;
}

const noRight = /not logged in|ibmcloud login|No project selected|project select|not authorized|Forbidden/i;
const missing = /not found|does not exist/i;
const shownLines = 8;

export function createCodeEngine(
  { name }: Pick<IbmSettings, "name">,
  { environment }: Pick<PlatformSession, "environment">,
): CodeEngine {
  const call = (verb: string, args: readonly string[], signal: AbortSignal) => {
    const whole = ["ce", "application", verb, "--name", name, ...args];
    return runTool({ tool: ibmcloudTool, args: whole, environment, signal });
  };
  const refusal = (verb: string, code: number, text: string): FnmeshError => {
    const said = text.trim().split("\n").slice(-shownLines).join("\n");
    const message = `\`ibmcloud ce application ${verb} …\` ended with ${code}:\n${said}`;
    if (noRight.test(text)) {
      return new FnmeshError("PLATFORM_AUTH", message, {
        hint: "Log in by `ibmcloud login`, and choose the project by `ibmcloud ce project select --name PROJECT`.",
      });
    }
    return new FnmeshError("DEPLOY_FAILED", message, { hint: "What ibmcloud says above is IBM's own word." });
  };
  return {
    async run(verb, args, signal) {
      const { code, stdout, stderr } = await call(verb, args, signal);
      if (code !== 0) throw refusal(verb, code, stderr || stdout);
    },
    async find(signal) {
      const { code, stdout, stderr } = await call("get", ["--output", "json"], signal);
      if (code === 0) return JSON.parse(stdout) as Application;
      const said = stderr || stdout;
      if (missing.test(said) && !noRight.test(said)) return undefined;
      throw refusal("get", code, said);
    },
  };
}
