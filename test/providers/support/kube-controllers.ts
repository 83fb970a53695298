// What a cluster does about each kind of object: what it refuses, what it fills in, and what its controllers make of it
// after a while.

import { type KubeObject, type KubePlane, knativeHost } from "./kube-plane.ts";

export interface Controller {
  /** As `kubectl get` takes it. */
  readonly kind: string;
  readonly apiVersion: string;
  readonly apiKind: string;
  /** Not of Kubernetes itself. */
  readonly addOn: boolean;
  /** So often it is looked at until it is settled. */
  readonly looks: number;
  /** Kinds of the same name that go with it. */
  readonly dependents: readonly string[];
  /** What is wrong with a manifest. */
  check(manifest: KubeObject): string | undefined;
  /** What is stored of it. `before`: what was. */
  fill(manifest: KubeObject, before: KubeObject | undefined): KubeObject;
  settle(plane: KubePlane, key: string): KubePlane;
}

const stay = (plane: KubePlane): KubePlane => plane;

/** Clusters tell memory in the largest unit that fits. */
function canonical(memory: string): string {
  const mebibytes = Number(/^(\d+)Mi$/.exec(memory)?.[1] ?? Number.NaN);
  return mebibytes % 1024 === 0 ? `${mebibytes / 1024}Gi` : memory;
}

const canonicalIn = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (name, each) =>
      name === "memory" && typeof each === "string" ? canonical(each) : each,
    ),
  );

/** An unknown field is refused, as by a CRD that is pruned strictly. */
function unknownField(value: object, known: readonly string[]): string | undefined {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  return unknown === undefined ? undefined : `unknown field "${unknown}"`;
}

const configMap: Controller = {
  ...{ kind: "configmaps", apiVersion: "v1", apiKind: "ConfigMap", addOn: false, looks: 0, dependents: [] },
  check: ({ data }) =>
    JSON.stringify(data).length > 1024 * 1024
      ? "ConfigMap is invalid: Too long: must have at most 1048576 bytes"
      : undefined,
  fill: (manifest, before) => ({ ...before, ...manifest }),
  settle: stay,
};

const mostTimeoutSeconds = 600;

const knativeService: Controller = {
  kind: "services.serving.knative.dev",
  ...{ apiVersion: "serving.knative.dev/v1", apiKind: "Service", addOn: true, looks: 2, dependents: [] },
  check({ spec }) {
    const { timeoutSeconds, responseStartTimeoutSeconds, containers } = spec.template.spec;
    const known = [
      ...["containerConcurrency", "timeoutSeconds", "responseStartTimeoutSeconds"],
      ...["containers", "volumes"],
    ];
    const unknown = unknownField(spec.template.spec, known);
    if (unknown !== undefined) return unknown;
    if (timeoutSeconds > mostTimeoutSeconds || responseStartTimeoutSeconds > timeoutSeconds) {
      return `admission webhook "validation.webhook.serving.knative.dev" denied the request: validation failed: expected 0 <= ${timeoutSeconds} <= ${mostTimeoutSeconds}: spec.template.spec.timeoutSeconds`;
    }
    return containers.length === 1 && containers[0].image !== "" ? undefined : "missing field(s): image";
  },
  fill(manifest, before) {
    const { template } = canonicalIn(manifest.spec) as KubeObject;
    const [container] = template.spec.containers;
    const readinessProbe = { successThreshold: 1, tcpSocket: { port: 0 } };
    const filled = { name: "user-container", readinessProbe, ...container };
    const spec = { enableServiceLinks: false, ...template.spec, containers: [filled] };
    const creator = { "serving.knative.dev/creator": "kubernetes-admin" };
    return {
      ...manifest,
      metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...creator } },
      spec: {
        template: { ...template, spec },
        traffic: [{ latestRevision: true, percent: 100 }],
      },
      // Until its controller has seen the change, it says what was true before.
      status: before?.status,
    };
  },
  settle(plane, key) {
    const found = plane.objects[key]!;
    const { name, namespace, generation } = found.metadata;
    const status = {
      observedGeneration: generation,
      conditions: [
        { type: "ConfigurationsReady", status: "True" },
        { type: "Ready", status: "True" },
        { type: "RoutesReady", status: "True" },
      ],
      url: `http://${knativeHost(name, namespace)}`,
      address: { url: `http://${name}.${namespace}.svc.cluster.local` },
    };
    return { ...plane, objects: { ...plane.objects, [key]: { ...found, status } } };
  },
};

/** As Kubeless names what it makes of a function, and what it is made of. */
const deployment: Controller = {
  ...{ kind: "deployments.apps", apiVersion: "apps/v1", apiKind: "Deployment", addOn: false },
  ...{ looks: 2, dependents: [] },
  check: () => undefined,
  fill: (manifest) => manifest,
  // The pods are there.
  settle(plane, key) {
    const found = plane.objects[key]!;
    const { replicas } = found.spec;
    const { generation } = found.metadata;
    const counts = { replicas, updatedReplicas: replicas, availableReplicas: replicas };
    const status = { observedGeneration: generation, ...counts };
    return { ...plane, objects: { ...plane.objects, [key]: { ...found, status } } };
  },
};

const kubelessFunction: Controller = {
  kind: "functions.kubeless.io",
  ...{ apiVersion: "kubeless.io/v1beta1", apiKind: "Function", addOn: true, looks: 1 },
  dependents: ["deployments.apps", "configmaps"],
  check({ spec }) {
    const known = [
      ...["handler", "function", "function-content-type", "checksum", "runtime", "timeout", "deps"],
      ...["deployment", "service", "horizontalPodAutoscaler"],
    ];
    if (spec.handler?.split(".").length !== 2) {
      return "failed: incorrect handler format. It should be module_name.handler_name";
    }
    return unknownField(spec, known);
  },
  fill: (manifest, before) => ({ ...before, ...manifest, spec: canonicalIn(manifest.spec) as object }),
  /** The controller writes the code into a ConfigMap and makes a Deployment, which takes a while of its own. */
  settle(plane, key) {
    const found = plane.objects[key]!;
    const { name, namespace, labels } = found.metadata;
    const places = {
      deployment: `deployments.apps/${namespace}/${name}`,
      code: `configmaps/${namespace}/${name}`,
    };
    const before = plane.objects[places.deployment];
    const metadata = {
      name,
      namespace,
      labels,
      uid: "6",
      generation: (before?.metadata.generation ?? 0) + 1,
    };
    const made = {
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata },
      spec: { ...found.spec.deployment.spec, selector: { matchLabels: labels } },
      status: before?.status,
    } as KubeObject;
    const [module] = found.spec.handler.split(".");
    const data = { handler: found.spec.handler, [`${module}.js`]: found.spec.function };
    const code = { apiVersion: "v1", kind: "ConfigMap", metadata, data } as KubeObject;
    return {
      ...plane,
      objects: { ...plane.objects, [places.deployment]: made, [places.code]: code },
      looks: { ...plane.looks, [places.deployment]: deployment.looks },
    };
  },
};

export const controllers: readonly Controller[] = [configMap, knativeService, deployment, kubelessFunction];
