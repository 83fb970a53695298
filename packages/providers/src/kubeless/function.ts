// A Function of Kubeless as it is applied and as it comes back, and the Deployment that Kubeless' controller makes of it
// (pkg/apis/kubeless/v1beta1 and pkg/utils/kubelessutil.go of its last release).

import { createHash } from "node:crypto";
import { callerFact, callerHashVariable } from "../kit/caller-key.ts";
import { codeHash } from "../kit/code-hash.ts";
import type { Facts } from "../kit/deployment.ts";
import { type KubeObject, mebibytes } from "../kit/kubectl.ts";
import { type KubelessSettings, servicePort } from "./settings.ts";

export const kinds = { function: "functions.kubeless.io", deployment: "deployments.apps" } as const;

/** Marks what is ours. */
export const ownLabel = "fnmesh";
/** On the pods' template: tells which function a Deployment was made of, and starts new pods for other code. */
const madeOfAnnotation = "fnmesh/function";

/** Module and function, as Kubeless splits it: the module becomes the file `fnmesh.js`. */
const handler = "fnmesh.handler";
const codeFolder = "/kubeless";
/** One that every Kubeless knows, so that it names the file; with an image of one's own it runs nothing. */
const knownRuntime = "nodejs14";
const marginMs = 10_000;

interface Container {
  readonly image?: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: { readonly limits?: { readonly memory?: string } };
}

interface Deployed {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: {
      readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> };
      readonly spec?: { readonly containers?: readonly Container[] };
    };
  };
}

export interface KubelessFunction extends KubeObject {
  readonly spec?: {
    readonly runtime?: string;
    readonly function?: string;
    readonly timeout?: string;
    readonly deployment?: Deployed;
  };
}

export interface Deployment extends KubeObject, Deployed {
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

export function functionOf(settings: KubelessSettings, code: string) {
  const { name, namespace, stage, timeoutMs, runtime = knownRuntime } = settings;
  const own = { "created-by": "kubeless", function: name };
  const checksum = createHash("sha256").update(code).digest("hex");
  const pod = podOf(settings);
  const annotations = { [madeOfAnnotation]: codeHash(code, JSON.stringify(pod)) };
  return {
    apiVersion: "kubeless.io/v1beta1",
    kind: "Function",
    metadata: { name, namespace, labels: { ...own, [ownLabel]: stage } },
    spec: {
      handler,
      runtime,
      "function-content-type": "text",
      function: code,
      checksum: `sha256:${checksum}`,
      deps: "",
      timeout: String(Math.ceil((timeoutMs + marginMs) / 1000)),
      service: {
        type: "ClusterIP",
        ports: [{ name: "http-function-port", port: servicePort, targetPort: servicePort, protocol: "TCP" }],
        selector: own,
      },
      deployment: {
        spec: { replicas: settings.replicas, template: { metadata: { annotations }, spec: pod } },
      },
    },
  };
}

/** Kubeless mounts the code where a runtime of its own runs it; with another image that is left to us. */
function podOf({ name, runtime, image, memoryMb, callerHash }: KubelessSettings) {
  const memory = `${memoryMb}Mi`;
  const resources = { requests: { memory }, limits: { memory } };
  const callers = callerHash === undefined ? [] : [{ name: callerHashVariable, value: callerHash }];
  // Kubeless adds its own variables to these.
  if (runtime !== undefined)
    return { containers: [{ resources, ...(callers.length > 0 && { env: callers }) }] };
  const command = ["node", `${codeFolder}/fnmesh.js`];
  const env = [{ name: "PORT", value: String(servicePort) }, ...callers];
  const volumeMounts = [{ name: "fnmesh-code", mountPath: codeFolder, readOnly: true }];
  return {
    containers: [{ image, command, env, resources, volumeMounts }],
    // Kubeless keeps each function's code in a ConfigMap of its name.
    volumes: [{ name: "fnmesh-code", configMap: { name } }],
  };
}

export const wantedFacts = (settings: KubelessSettings, code: string): Facts =>
  factsOf(functionOf(settings, code), true);

export function factsOf({ spec }: Pick<KubelessFunction, "spec">, ready: boolean): Facts {
  const deployed = spec?.deployment?.spec;
  const [container] = deployed?.template?.spec?.containers ?? [];
  return {
    ready,
    runtime: spec?.runtime ?? "",
    image: container?.image ?? "",
    memory: `${mebibytes(container?.resources?.limits?.memory ?? "")} MiB`,
    timeout: `${spec?.timeout ?? 0} s`,
    replicas: deployed?.replicas ?? 0,
    caller: callerFact(container?.env?.find(({ name }) => name === callerHashVariable)?.value),
    code: codeHash(spec?.function ?? ""),
  };
}

/** Whether the pods are those of this function. Functions have no status of their own. */
export function isRolledOut({ spec }: KubelessFunction, made: Deployment | undefined): boolean {
  if (made === undefined) return false;
  const { metadata, status } = made;
  const madeOf = (each: Deployed["spec"]) => each?.template?.metadata?.annotations?.[madeOfAnnotation];
  const wanted = spec?.deployment?.spec;
  if (madeOf(made.spec) !== madeOf(wanted) || made.spec?.replicas !== wanted?.replicas) return false;
  const counts = [status?.replicas, status?.updatedReplicas, status?.availableReplicas];
  return (
    status?.observedGeneration === metadata.generation && counts.every((count) => count === wanted?.replicas)
  );
}
