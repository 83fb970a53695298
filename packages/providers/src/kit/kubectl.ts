// Kubernetes' own command: it has the person's login and context, and its `apply` can be repeated. What goes in and out
// is JSON, as the API has it; nothing of it is an argument.

import { FnmeshError } from "@fnmesh/core";
import type { Needs, PlatformSession } from "../platform.ts";
import { runTool } from "./tool.ts";

export const kubectlTool: Needs["tools"][number] = {
  command: "kubectl",
  install: "Install kubectl (kubernetes.io/docs/tasks/tools), and see that `kubectl get nodes` answers.",
};

/** What every object has, as far as it matters here. */
export interface KubeObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    /** Goes up with each change of what is wanted. */
    readonly generation?: number;
  };
}

export interface Cluster {
  /** Of kubeconfig; undefined: the current one. */
  readonly context: string | undefined;
  readonly namespace: string;
}

/** All reject with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE. Kinds are plural, with their group. */
export interface Kubectl {
  get<Kind extends KubeObject>(kind: string, name: string, signal: AbortSignal): Promise<Kind | undefined>;
  list<Kind extends KubeObject>(
    kind: string,
    selector: string,
    signal: AbortSignal,
  ): Promise<readonly Kind[]>;
  apply(manifest: object, signal: AbortSignal): Promise<void>;
  /** Resolves when it is gone, also if it was gone before. */
  remove(kind: string, name: string, signal: AbortSignal): Promise<void>;
}

const shownLines = 8;
const removeTimeout = "120s";

export function createKubectl(
  { context, namespace }: Cluster,
  { environment }: Pick<PlatformSession, "environment">,
): Kubectl {
  const place = [`--namespace=${namespace}`, ...(context === undefined ? [] : [`--context=${context}`])];
  const run = async (args: readonly string[], signal: AbortSignal, input = ""): Promise<string> => {
    const call = { tool: kubectlTool, args: [...args, ...place], environment, input, signal };
    const { code, stdout, stderr } = await runTool(call);
    if (code === 0) return stdout;
    const said = stderr.trim().split("\n").slice(-shownLines).join("\n");
    throw errorOf(said, `\`kubectl ${args.slice(0, 3).join(" ")} …\` ended with ${code}:\n${said}`);
  };
  return {
    async get<Kind>(kind: string, name: string, signal: AbortSignal) {
      const text = await run(["get", kind, name, "--output=json", "--ignore-not-found"], signal);
      return text.trim() === "" ? undefined : (JSON.parse(text) as Kind);
    },
    async list<Kind>(kind: string, selector: string, signal: AbortSignal) {
      const text = await run(["get", kind, `--selector=${selector}`, "--output=json"], signal);
      return (JSON.parse(text) as { readonly items: readonly Kind[] }).items;
    },
    async apply(manifest, signal) {
      await run(["apply", "--filename=-"], signal, JSON.stringify(manifest));
    },
    async remove(kind, name, signal) {
      const how = ["--ignore-not-found", "--wait=true", `--timeout=${removeTimeout}`];
      await run(["delete", kind, name, ...how], signal);
    },
  };
}

/** kubectl has one exit code for all; the words are those of the API's reasons and of its own connection. */
const meanings = [
  {
    words: /Unauthorized|Forbidden|must be logged in|getting credentials/i,
    code: "PLATFORM_AUTH",
    hint: "Log in to the cluster; docs/providers lists the rights that are needed.",
  },
  {
    words: /doesn't have a resource type|no matches for kind/i,
    code: "PROVIDER_UNAVAILABLE",
    hint: "The platform is not installed in this cluster, or --context leads to another one.",
  },
  {
    words:
      /Unable to connect|was refused|no such host|i\/o timeout|context (".*" does not exist|was not found)/i,
    code: "PROVIDER_UNAVAILABLE",
    hint: "Is the cluster there, and the right context chosen? Try: kubectl get nodes",
  },
] as const;

function errorOf(said: string, message: string): FnmeshError {
  const meaning = meanings.find(({ words }) => words.test(said));
  if (meaning !== undefined) return new FnmeshError(meaning.code, message, { hint: meaning.hint });
  return new FnmeshError("DEPLOY_FAILED", message, {
    hint: "What kubectl says above is the cluster's own word.",
  });
}

const unitBytes: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/**
 * A quantity of memory in MiB: clusters tell `1024Mi` as `1Gi`
 * (kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity). 0: it is none.
 */
export function mebibytes(quantity: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)([kMG]|[KMG]i)?$/.exec(quantity) ?? [];
  return (Number(count ?? 0) * unitBytes[unit ?? ""]!) / 1024 ** 2;
}
