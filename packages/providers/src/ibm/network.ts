// Where Code Engine's applications are: pods of a cluster that IBM keeps.

import type { ProviderNetwork } from "@fnmesh/core/internal";

export const network: ProviderNetwork = {
  punching: "unknown",
  inbound: false,
  sharedAddress: true,
  because:
    "an application's instances are containers of a cluster that projects share, and only HTTP through IBM's own front end gets in (cloud.ibm.com/docs/codeengine?topic=codeengine-architecture); whether two instances get through to each other nobody has said, so workers try",
};
