// What a job over an emulated cloud would be billed. Its report is in dilated time already, as the orchestrator's clock
// is; but AWS does not bill requests that it answers with 503, which the report cannot tell from others. Pure.

import type { Cost } from "@fnmesh/orchestrator";

export interface Refused {
  readonly reads: number;
  readonly writes: number;
}

export interface Billed {
  readonly total: number;
  readonly lines: readonly { readonly item: string; readonly quantity: number; readonly amount: number }[];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/ErrorCodeBilling.html */
export function billed({ lines }: Pick<Cost, "lines">, refused: Refused): Billed {
  const free: Readonly<Record<string, number>> = { "s3-put": refused.writes, "s3-get": refused.reads };
  const corrected = lines.map(({ item, quantity, unitPrice }) => {
    const billedQuantity = Math.max(0, quantity - (free[item] ?? 0));
    return { item, quantity: billedQuantity, amount: billedQuantity * unitPrice };
  });
  return { total: corrected.reduce((sum, { amount }) => sum + amount, 0), lines: corrected };
}
