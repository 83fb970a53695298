// Where Google's functions are: behind a front that lets HTTP requests in and nothing else, on addresses that they share.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "fails",
  inbound: false,
  sharedAddress: true,
  because:
    "all who tried to punch through to a Google function failed (ICCTA'24; github.com/spcl/fmi/issues/2), so the relay or a store carries the job",
};
