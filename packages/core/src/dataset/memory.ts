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
/** Nor at each value of a long list. */
const sampledValues = 16;
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
  if (value instanceof Set || value instanceof Map) return sizeOfTable(value, depth);
  const values: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  const [looks, step] = [Math.min(values.length, sampledValues), Math.max(1, values.length / sampledValues)];
  let bytes = 0;
  for (let look = 0; look < looks; look += 1) bytes += sizeOf(values[Math.floor(look * step)], depth);
  return 32 + pointerBytes * values.length + bytes * step;
}

/** A Set's or a Map's place for one, half of which may be empty. */
const placeBytes = 48;

/** The first ones stand for the others. */
function sizeOfTable(table: ReadonlySet<unknown> | ReadonlyMap<unknown, unknown>, depth: number): number {
  let [bytes, looks] = [0, 0];
  for (const entry of table.entries()) {
    if (looks === sampledValues) break;
    // What a Set has comes twice.
    bytes += sizeOf(entry[1], depth) + (table instanceof Map ? sizeOf(entry[0], depth) : 0);
    looks += 1;
  }
  return 200 + table.size * placeBytes + (looks === 0 ? 0 : (bytes * table.size) / looks);
}

const longText = 1024;

/** Of one such value the others tell nothing, and it tells nothing of them. */
const isLong = (value: unknown): boolean =>
  typeof value === "string" ? value.length > longText : Array.isArray(value) && value.length > sampledValues;

function isLarge(value: unknown): boolean {
  if (!Array.isArray(value)) return isLong(value);
  if (value.length > sampledValues) return true;
  for (const each of value) if (isLong(each)) return true;
  return false;
}

/** Adds up sizes: it looks at what is large, and at a sample of the rest. */
export class Scale {
  bytes = 0;
  #count = 0;
  #last = 0;

  add(value: unknown, overhead: number): void {
    if (isLarge(value)) {
      this.bytes += sizeOf(value) + overhead;
      return;
    }
    if (this.#count % sampledRows === 0) this.#last = sizeOf(value);
    this.#count += 1;
    this.bytes += this.#last + overhead;
  }

  reset(): void {
    this.bytes = 0;
  }
}
