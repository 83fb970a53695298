// Whose prices a run on Oracle Functions is billed at. An Fn server is the operator's own, and bills nothing.

import type { OracleSettings } from "./settings.ts";

export const prices = ({ place }: Pick<OracleSettings, "place">): "oracle" | undefined =>
  place === undefined ? undefined : "oracle";
