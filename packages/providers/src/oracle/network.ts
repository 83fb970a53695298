// Where Oracle's functions are: in a subnet of one's own.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "unknown",
  inbound: false,
  sharedAddress: true,
  because:
    "an application's functions are in its subnets, and reach the internet through that network's NAT gateway (docs.oracle.com/iaas/Content/Functions/Tasks/functionscreatingapps.htm); within one subnet they may reach each other directly, across gateways nobody has said, so workers try",
};
