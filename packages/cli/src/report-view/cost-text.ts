// What a run cost, on one line: `$0.0021 as on AWS x86 (compute $0.0019, servers $0.0002)`.

import { byGroup, type Cost, costGroups } from "@fnmesh/orchestrator/cost";
import { formatMoney } from "../text/format.ts";

export function costText(cost: Cost): string {
  const sums = byGroup(cost);
  const parts = costGroups.flatMap((group) => {
    const sum = sums[group];
    return sum === undefined ? [] : [`${group} ${formatMoney(sum)}`];
  });
  const split = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  const missing = cost.unpriced.length === 0 ? "" : `; no price is known for ${cost.unpriced.join(", ")}`;
  return `${formatMoney(cost.total)} as on ${cost.title}${split}${missing}`;
}
