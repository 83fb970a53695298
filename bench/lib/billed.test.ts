import { expect, test } from "vitest";
import { billed } from "./billed.ts";

const line = (item: "s3-put" | "s3-get" | "compute", quantity: number, unitPrice: number) => ({
  ...{ item, quantity, unitPrice, unit: "", group: "requests", seen: "2026" },
  amount: quantity * unitPrice,
});

test("requests that were told to slow down are not billed, all else is", () => {
  const cost = {
    lines: [line("compute", 10, 2), line("s3-put", 100, 0.5), line("s3-get", 200, 0.25)],
  } as const;
  const { total, lines } = billed(cost as never, { writes: 40, reads: 8 });
  expect(lines.map(({ item, quantity }) => [item, quantity])).toEqual([
    ["compute", 10],
    ["s3-put", 60],
    ["s3-get", 192],
  ]);
  expect(total).toBe(20 + 30 + 48);
});
