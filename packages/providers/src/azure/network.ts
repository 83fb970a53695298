// Where Azure's functions are: behind load balancers that they share with strangers.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "fails",
  inbound: false,
  sharedAddress: true,
  because:
    "Azure's functions could not be punched when it was tried (ICCTA 2024), and only HTTP through Azure's own front end gets in (learn.microsoft.com/azure/azure-functions/functions-networking-options): pairs go over the relay, or a store",
};
