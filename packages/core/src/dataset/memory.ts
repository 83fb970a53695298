// How much of a function's memory rows may take, and about how much they do.

import { getHeapStatistics } from "node:v8";

/** Of a heap that is as small as functions have it: what Node, the job's own code and messages on their way take. */
const besideRowsBytes = 64 * 1024 * 1024;
/** Of the rest, for one table or sorter: there may be several, and garbage takes as much again as what is in use. */
const share = 0.15;
const leastBytes = 4 * 1024 * 1024;

export const memoryBudget = (): number =>
  Math.max(leastBytes, (getHeapStatistics().heap_size_limit - besideRowsBytes) * share);

/** Looking at each row would cost more than keeping it. */
const sampledRows = 16;
const pointerBytes = 8;
const mostDepth = 4;

/** About how many bytes of heap a value takes: what V8 needs for such values on a 64-bit machine. */
export function sizeOf(value: unknown, depth = 0): number {
  switch (typeof value) {
    case "string":
      return 24 + value.length * 2;
    case "number":
      return (value | 0) === value ? 0 : 16;
    case "bigint":
      return 32;
    case "object":
      return value === null || depth === mostDepth ? 16 : sizeOfObject(value, depth + 1);
    default:
      return 0;
  }
}

function sizeOfObject(value: object, depth: number): number {
  if (ArrayBuffer.isView(value)) return 200 + value.byteLength;
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  let bytes = 32 + pointerBytes * values.length;
  for (const each of values) bytes += sizeOf(each, depth);
  return bytes;
}

/** Adds up sizes, of which it looks at a sample. */
export class Scale {
  bytes = 0;
  #count = 0;
  #last = 0;

  add(value: unknown, overhead: number): void {
    if (this.#count % sampledRows === 0) this.#last = sizeOf(value);
    this.#count += 1;
    this.bytes += this.#last + overhead;
  }

  reset(): void {
    this.bytes = 0;
  }
}
