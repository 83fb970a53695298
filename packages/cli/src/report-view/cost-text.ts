// What a run cost, on one line: `$0.0021 on AWS arm64 (compute $0.0019, servers $0.0002)`; or, where its workers ran
// elsewhere, `$0.0021 as on AWS x86 (compute $0.0019, servers $0.0002); a comparison, no bill`.

import { byGroup, costGroups, type RunCost } from "@fnmesh/orchestrator/cost";
import { formatMoney } from "../text/format.ts";
import { whosePrices } from "../text/whose-prices.ts";

export function costText(cost: RunCost): string {
  const sums = byGroup(cost);
  const parts = costGroups.flatMap((group) => {
    const sum = sums[group];
    return sum === undefined ? [] : [`${group} ${formatMoney(sum)}`];
  });
  const split = parts.length === 0 ? "" : ` (${parts.join(", ")})`;
  const missing = cost.unpriced.length === 0 ? "" : `; no price is known for ${cost.unpriced.join(", ")}`;
  const note = cost.comparison ? "; a comparison, no bill" : "";
  return `${formatMoney(cost.total)} ${whosePrices(cost)}${split}${missing}${note}`;
}
