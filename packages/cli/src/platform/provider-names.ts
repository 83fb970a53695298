// Where workers may run, by the names that `--provider` takes. Pure data: nothing of a platform is loaded for it.

import { platformNames } from "@fnmesh/providers";

export const providerNames: readonly string[] = ["local", ...platformNames];
