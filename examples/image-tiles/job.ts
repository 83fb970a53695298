// Filters an image in bands, one for each worker, and puts them together as one PNG file. Bands that lie next to each
// other exchange the rows at their border, which the filter needs from both; nobody but the reader has the whole image.

import { defineJob, type Worker } from "fnmesh";
import * as v from "valibot";
import { bandOf, countOf, cut, overlap, type Rows, type Strip, stripsOf, withHalo } from "./bands.ts";
import { channelsIn, type Filter, filters } from "./filters.ts";
import { beginningOf, checksumOf, differencesOf, endOf, joinChecksums, stripOf } from "./png-file.ts";
import { type Picture, readPng } from "./read-png.ts";

const params = v.strictObject({
  filter: v.optional(v.picklist(["blur", "edges"]), "blur"),
  /** Of the blur, in pixels. */
  sigma: v.optional(
    v.pipe(v.string(), v.decimal(), v.transform(Number), v.minValue(0.1), v.maxValue(100)),
    "2",
  ),
});

type TilesWorker = Worker<v.InferOutput<typeof params>>;

const haloTag = 1;

interface Size {
  readonly width: number;
  readonly height: number;
}

export default defineJob({
  name: "image-tiles",
  params,
  async run(worker) {
    const { filter: name, sigma } = worker.params;
    const filter = filters[name](sigma);
    const { size, band, strip } = await worker.stage("share", () => share(worker));
    const whole = await worker.stage("exchange", () => exchangeHalos(worker, size, strip, filter.halo));
    const filtered = await worker.stage("filter", async () => filter.apply(whole, band));
    await worker.stage("write", () => write(worker, size, filter, { rows: band, bytes: filtered }));
    return { ...size, channels: filter.channels, strips: stripsOf({ first: 0, end: size.height }).length };
  },
});

/** The input has pieces of one file. Rank 0 reads it, and gives everyone a band. */
async function share(worker: TilesWorker): Promise<{ size: Size; band: Rows; strip: Strip }> {
  const mine = Buffer.concat(await Promise.all(worker.input.map((split) => split.read())));
  const pieces = await worker.gather<Uint8Array>(mine);
  const picture = pieces && readPng(Buffer.concat(pieces));
  const size = await worker.broadcast(picture && { width: picture.width, height: picture.height });
  const bytes = await worker.scatter(picture && bandsOf(picture, worker.size));
  const band = bandOf(size.height, worker.size, worker.rank);
  return { size, band, strip: { rows: band, stride: size.width * channelsIn, bytes } };
}

function bandsOf({ width, height, rgb }: Picture, workers: number): Uint8Array[] {
  const strip = { rows: { first: 0, end: height }, stride: width * channelsIn, bytes: rgb };
  return Array.from({ length: workers }, (_, rank) => cut(strip, bandOf(height, workers, rank)));
}

/** This worker's rows with those around them. They are the neighbours', or, where bands are low, come from further away. */
async function exchangeHalos(
  worker: TilesWorker,
  { height }: Size,
  own: Strip,
  halo: number,
): Promise<Strip> {
  const { rank, size, send, receive } = worker;
  const band = (of: number) => bandOf(height, size, of);
  const rows = withHalo(own.rows, halo, height);
  const bytes = new Uint8Array(countOf(rows) * own.stride);
  const put = (part: Rows, from: Uint8Array) => bytes.set(from, (part.first - rows.first) * own.stride);
  put(own.rows, own.bytes);
  const give = async (to: number) => {
    const theirs = overlap(withHalo(band(to), halo, height), own.rows);
    if (countOf(theirs) > 0) await send(to, cut(own, theirs), { tag: haloTag });
  };
  const take = async (from: number) => {
    const ours = overlap(rows, band(from));
    if (countOf(ours) > 0) put(ours, (await receive<Uint8Array>({ from, tag: haloTag })).value);
  };
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  await Promise.all(others.flatMap((other) => [give(other), take(other)]));
  return { rows, stride: own.stride, bytes };
}

/** Everyone compresses its own strips. The file's checksum is put together of the workers', in the order of ranks. */
async function write(
  { rank, size: workers, output, reduce }: TilesWorker,
  size: Size,
  { channels }: Filter,
  band: Pick<Strip, "rows" | "bytes">,
): Promise<void> {
  const strip = { ...band, stride: size.width * channels };
  const differences = differencesOf(strip.bytes, strip.stride, channels);
  const all = { rows: band.rows, stride: strip.stride + 1, bytes: differences };
  if (rank === 0) await output.write(beginningOf({ ...size, channels }));
  for (const rows of stripsOf(band.rows)) await output.write(stripOf(cut(all, rows)));
  const checksum = await reduce(checksumOf(differences), joinChecksums, { root: workers - 1 });
  if (checksum !== undefined) await output.write(endOf(checksum));
}
