// Where Knative's functions are: pods of one cluster.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "works",
  inbound: true,
  sharedAddress: false,
  because:
    "functions are pods of one Kubernetes cluster, which reach each other at their own addresses unless a network policy forbids it (kubernetes.io/docs/concepts/services-networking)",
};
