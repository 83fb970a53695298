// What the stand-in for kubectl keeps of a cluster: its objects as the API has them, and what controllers still have to
// do about them.

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly generation: number;
    readonly uid: string;
  };
  // Each kind has its own.
  // biome-ignore lint/suspicious/noExplicitAny: the API's objects are as deep as they are wide
  readonly [field: string]: any;
}

export interface KubePlane {
  /** By `KIND/NAMESPACE/NAME`, the kind as `kubectl get` takes it. */
  readonly objects: Readonly<Record<string, KubeObject>>;
  /** So often an object is looked at until its controller has done its part. */
  readonly looks: Readonly<Record<string, number>>;
  /** Where the cluster's ingress serves. */
  readonly ingress: string;
  /** What the API says of pods. */
  readonly pods: readonly object[];
  /** Kinds that are installed beside Kubernetes' own. */
  readonly installed: readonly string[];
}

export const emptyCluster: KubePlane = {
  objects: {},
  looks: {},
  ingress: "http://127.0.0.1:1",
  pods: [],
  installed: ["services.serving.knative.dev", "functions.kubeless.io"],
};

/** As a service of Knative is named from outside. */
export const knativeHost = (name: string, namespace: string): string => `${name}.${namespace}.example.com`;
