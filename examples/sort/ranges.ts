// Who gets which records: worker r has those from splitter r - 1 up to, and without, splitter r. A splitter is not only
// a key but a record's place in the whole input, so that records with one key have an order too, and a key that half of
// all records have is spread over half of the workers.
//
// Every worker takes every so-manieth record of its sorted run as a sample: regular sampling, after Shi and Schaeffer,
// "Parallel sorting by regular sampling" (1992). No worker can then get more than a known share.

import { countOf, keyBytes, recordBytes } from "./records.ts";

/** A place: key, rank of the worker that has the record, and its number there; the last two big-endian, so that places compare by bytes. */
const placeBytes = keyBytes + 2 + 4;

/** A range exceeds the mean by at most a quarter of it: by one part in so many. */
const samplesPerRange = 4;
const leastSamples = 64;

/** One in so many records is a sample, if there are `records` in all. */
export function samplingStep(records: number, workers: number): number {
  const perWorker = Math.max(leastSamples, samplesPerRange * workers);
  return Math.max(1, Math.floor(records / (perWorker * workers)));
}

/** The most records that a worker can get. */
export const mostRecords = (records: number, workers: number): number =>
  Math.ceil(records / workers) + (workers + 1) * samplingStep(records, workers);

/** The places of every `step`-th record of this worker's sorted run, one after another. */
export function samplesOf(sorted: Uint8Array, rank: number, step: number): Uint8Array {
  const count = Math.floor(countOf(sorted) / step);
  const samples = Buffer.alloc(count * placeBytes);
  for (let index = 0; index < count; index++) {
    const record = (index + 1) * step - 1;
    const at = index * placeBytes;
    samples.set(sorted.subarray(record * recordBytes, record * recordBytes + keyBytes), at);
    samples.writeUInt16BE(rank, at + keyBytes);
    samples.writeUInt32BE(record, at + keyBytes + 2);
  }
  return samples;
}

/** The places that cut all samples into ranges of equal size: one fewer than there are ranges, or none. */
export function splittersOf(samples: readonly Uint8Array[], ranges: number): Uint8Array {
  const places = samples.flatMap(placesIn).sort((one, other) => Buffer.compare(one, other));
  if (places.length === 0) return new Uint8Array(0);
  const cut = (range: number) => places[Math.floor((range * places.length) / ranges)]!;
  return Buffer.concat(Array.from({ length: ranges - 1 }, (_, index) => cut(index + 1)));
}

/** A worker's sorted run, cut at the splitters: the part for each rank, in the run's own memory. */
export function partsOf(
  sorted: Uint8Array,
  rank: number,
  splitters: Uint8Array,
  ranges: number,
): Uint8Array[] {
  const cuts = placesIn(splitters).map((place) => recordsBefore(place, sorted, rank) * recordBytes);
  const borders = [0, ...cuts, sorted.length];
  return Array.from({ length: ranges }, (_, range) =>
    sorted.subarray(borders[range] ?? sorted.length, borders[range + 1] ?? sorted.length),
  );
}

function placesIn(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / placeBytes }, (_, index) =>
    all.subarray(index * placeBytes, (index + 1) * placeBytes),
  );
}

/** By bisection: how many records of a sorted run come before a place. */
function recordsBefore(place: Buffer, sorted: Uint8Array, rank: number): number {
  let low = 0;
  let high = countOf(sorted);
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted, rank, middle, place)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(sorted: Uint8Array, rank: number, record: number, place: Buffer): boolean {
  const at = record * recordBytes;
  const byKey = Buffer.compare(sorted.subarray(at, at + keyBytes), place.subarray(0, keyBytes));
  const byRank = rank - place.readUInt16BE(keyBytes);
  return (byKey || byRank || record - place.readUInt32BE(keyBytes + 2)) < 0;
}
