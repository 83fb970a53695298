// Where OpenWhisk's actions are: containers of invokers.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "unknown",
  inbound: false,
  sharedAddress: true,
  because:
    "actions are containers on their invoker's bridge network, behind its address (github.com/apache/openwhisk, core/invoker/src/main/resources/application.conf); whether two invokers' can be punched depends on the installation, so workers try",
};
