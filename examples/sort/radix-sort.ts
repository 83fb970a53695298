// Sorts records by their keys' bytes, from the last byte to the first (LSD radix sort): ten passes over an array of
// numbers, whatever the keys, and records with equal keys stay in the order in which they came.

import { countOf, keyBytes, recordBytes } from "./records.ts";

/** The records in the order of their keys. */
export function sortRecords(records: Uint8Array): Uint8Array {
  const sorted = new Uint8Array(records.length);
  let at = 0;
  for (const record of orderOf(records)) {
    sorted.set(records.subarray(record * recordBytes, (record + 1) * recordBytes), at);
    at += recordBytes;
  }
  return sorted;
}

function orderOf(records: Uint8Array): Uint32Array {
  let order = Uint32Array.from({ length: countOf(records) }, (_, record) => record);
  let next = new Uint32Array(order.length);
  for (let byte = keyBytes - 1; byte >= 0; byte--) {
    const places = placesOf(records, byte);
    for (const record of order) next[places[records[record * recordBytes + byte]!]!++] = record;
    [order, next] = [next, order];
  }
  return order;
}

/** By value of the keys' byte: where the first record with it goes. */
function placesOf(records: Uint8Array, byte: number): Uint32Array {
  const places = new Uint32Array(256);
  for (let at = byte; at < records.length; at += recordBytes) places[records[at]!]! += 1;
  let before = 0;
  for (const [value, count] of places.entries()) {
    places[value] = before;
    before += count;
  }
  return places;
}
