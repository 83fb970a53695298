// Where Google's functions are: behind a shared NAT that gives each destination another mapping.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "fails",
  inbound: false,
  sharedAddress: true,
  because:
    "the NAT of Google Cloud Functions cannot be punched by TCP: others' measurements failed (ICCTA'24; FMI, issue 2), so the relay or a store carries the job",
};
