// Whose prices a cost is at, in words: `on AWS arm64` where the run was there, `as on AWS x86` where it was elsewhere.

import type { RunCost } from "@fnmesh/orchestrator";

export const whosePrices = ({ comparison, title }: Pick<RunCost, "comparison" | "title">): string =>
  comparison ? `as on ${title}` : `on ${title}`;
