// What is known of the networks that Lambda functions are in.

import type { ProviderNetwork } from "@fnmesh/core/internal";

/** Where functions are unless they are put into a VPC. */
export const network: ProviderNetwork = {
  punching: "works",
  inbound: false,
  // AWS does not say; nobody has reported that it matters.
  sharedAddress: true,
  because:
    "Lambda's NAT keeps a port for all destinations, so two functions get through to each other, as measured by Moyer & Nikolopoulos (Punching Holes in the Cloud, 2023), FMI (ICS'23) and Boxer (ETH); from outside nobody does",
};

export const vpcNetwork: ProviderNetwork = {
  punching: "fails",
  inbound: false,
  sharedAddress: true,
  because:
    "functions in a VPC reach the orchestrator through a NAT gateway, which takes another port for each destination (tailscale.com/blog/nat-traversal-improvements-pt-2-cloud-environments, 2025), and take no connections at their addresses in the VPC",
};
