// Where Code Engine's applications are.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "unknown",
  inbound: false,
  sharedAddress: true,
  because:
    "applications go out through addresses that their project shares; nobody has published whether those can be punched, so workers try, and talk over the relay meanwhile",
};
