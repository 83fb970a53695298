// The job as a user runs it, beside the product by its definition: the same bits.

import { expect, it } from "vitest";
import { runExample } from "../testing/run-example.ts";
import { plainProduct } from "./testing/naive.ts";

interface Result {
  readonly n: number;
  readonly grid: string;
  readonly residual: number;
}

it.each([
  [4, "2 x 2"],
  [3, "1 x 3"],
])("on %i workers the product is that of one machine", async (workers, grid) => {
  const n = 299;
  const { result, output } = await runExample<Result>("matrix-multiply", {
    workers,
    params: { n, seed: 11 },
  });
  expect(result).toMatchObject({ n, grid });
  expect(result.residual).toBeLessThan(1e-10);
  expect(output.equals(new Uint8Array(plainProduct(n, 11).buffer))).toBe(true);
});
