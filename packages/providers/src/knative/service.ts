// A Knative Service and the ConfigMap with its code, as they are applied and as they come back: the cluster fills in what
// nobody has asked for, so only what is wanted is compared.

import { callerFact, callerHashVariable } from "../kit/caller-key.ts";
import { codeHash } from "../kit/code-hash.ts";
import type { Facts } from "../kit/deployment.ts";
import { type KubeObject, mebibytes } from "../kit/kubectl.ts";
import type { KnativeSettings } from "./settings.ts";

export const kinds = { service: "services.serving.knative.dev", configMap: "configmaps" } as const;

/** Marks what is ours. */
export const ownLabel = "fnmesh";
/** On the template: other code makes another revision. */
const codeAnnotation = "fnmesh/code";
const scaleAnnotations = {
  minScale: "autoscaling.knative.dev/min-scale",
  maxScale: "autoscaling.knative.dev/max-scale",
} as const;

/** Has Node and nothing else that is needed. */
const nodeImage = "docker.io/library/node:22-slim";
const codeFile = "entry.cjs";
const codeFolder = "/fnmesh";
/** Between the worker's limit and the platform's: the worker says itself that its time is over. */
const marginMs = 10_000;

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Of serving.knative.dev/v1. */
export interface KnativeService extends KubeObject {
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
  readonly status?: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
    /** From outside of the cluster. */
    readonly url?: string;
    /** From inside. */
    readonly address?: { readonly url?: string };
  };
}

/** Not the function's own name: Kubeless names its ConfigMaps so. */
export const configMapName = ({ name }: Pick<KnativeSettings, "name">) => `${name}-code`;

export const configMapFacts = ({ data }: Pick<ConfigMap, "data">): Facts => ({
  code: codeHash(data?.[codeFile] ?? ""),
});

export function configMapOf(settings: KnativeSettings, code: string) {
  const { namespace, stage } = settings;
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: configMapName(settings), namespace, labels: { [ownLabel]: stage } },
    data: { [codeFile]: code },
  };
}

const timeoutSeconds = ({ timeoutMs }: KnativeSettings) => Math.ceil((timeoutMs + marginMs) / 1000);

/** `code`: undefined where the image brings its own. */
export function serviceOf(settings: KnativeSettings, code: string | undefined) {
  const { name, namespace, stage, minScale, maxScale } = settings;
  const annotations = {
    [scaleAnnotations.minScale]: String(minScale),
    [scaleAnnotations.maxScale]: String(maxScale),
    ...(code === undefined ? {} : { [codeAnnotation]: codeHash(code) }),
  };
  const seconds = timeoutSeconds(settings);
  return {
    apiVersion: "serving.knative.dev/v1",
    kind: "Service",
    metadata: { name, namespace, labels: { [ownLabel]: stage } },
    spec: {
      template: {
        metadata: { annotations },
        spec: {
          // A pod's memory is one worker's.
          containerConcurrency: 1,
          timeoutSeconds: seconds,
          // The answer's first byte comes with its last one, when the worker is over.
          responseStartTimeoutSeconds: seconds,
          ...podOf(settings, code),
        },
      },
    },
  };
}

function podOf(settings: KnativeSettings, code: string | undefined) {
  const { image, memoryMb, callerHash } = settings;
  const memory = `${memoryMb}Mi`;
  const resources = { requests: { memory }, limits: { memory } };
  const callers = callerHash === undefined ? {} : { env: [{ name: callerHashVariable, value: callerHash }] };
  if (code === undefined) return { containers: [{ image: image!, resources, ...callers }] };
  const volumeMounts = [{ name: "code", mountPath: codeFolder, readOnly: true }];
  const command = ["node", `${codeFolder}/${codeFile}`];
  return {
    containers: [{ image: image ?? nodeImage, command, resources, volumeMounts, ...callers }],
    volumes: [{ name: "code", configMap: { name: configMapName(settings) } }],
  };
}

export function wantedFacts(settings: KnativeSettings, code: string | undefined): Facts {
  const { image, memoryMb, minScale, maxScale } = settings;
  return {
    ready: true,
    image: image ?? nodeImage,
    memory: `${memoryMb} MiB`,
    timeout: `${timeoutSeconds(settings)} s`,
    concurrency: 1,
    minScale,
    maxScale,
    caller: callerFact(settings.callerHash),
    ...(code === undefined ? {} : { code: codeHash(code) }),
  };
}

export function factsOf(service: KnativeService): Facts {
  const { metadata, spec } = service.spec?.template ?? {};
  const [container] = spec?.containers ?? [];
  const annotation = (name: string) => metadata?.annotations?.[name];
  return {
    ready: isReady(service),
    image: container?.image ?? "",
    memory: `${mebibytes(container?.resources?.limits?.memory ?? "")} MiB`,
    timeout: `${spec?.timeoutSeconds ?? 0} s`,
    concurrency: spec?.containerConcurrency ?? 0,
    minScale: Number(annotation(scaleAnnotations.minScale) ?? 0),
    maxScale: Number(annotation(scaleAnnotations.maxScale) ?? 0),
    caller: callerFact(container?.env?.find(({ name }) => name === callerHashVariable)?.value),
    code: annotation(codeAnnotation) ?? "",
  };
}

/** Of what was applied last: what it says of an earlier generation does not count. */
export function isReady({ metadata, status }: KnativeService): boolean {
  if (status?.observedGeneration !== metadata.generation) return false;
  return status?.conditions?.some(({ type, status: is }) => type === "Ready" && is === "True") ?? false;
}
