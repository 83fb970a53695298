// Where Code Engine's applications are.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "unknown",
  inbound: false,
  sharedAddress: true,
  because:
    "an application's instances are containers of a cluster that projects share, and only HTTP through IBM's own front end gets in (cloud.ibm.com/docs/codeengine?topic=codeengine-architecture); nobody has published whether two of them get through to each other, so workers try, and talk over the relay meanwhile",
};
