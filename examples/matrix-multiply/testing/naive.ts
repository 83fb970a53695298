// The product by its definition, to compare with.

import { elementOf } from "../blocks.ts";

/** The elements of A times B, row after row. */
export function plainProduct(n: number, seed: number): Float64Array {
  const product = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) {
      let sum = 0;
      for (let index = 0; index < n; index++) {
        sum += elementOf(seed, row, index) * elementOf(seed + 1, index, column);
      }
      product[row * n + column] = sum;
    }
  }
  return product;
}
