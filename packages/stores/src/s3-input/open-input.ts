// A worker's input where parts of it are in S3: those it reads by itself, by ranged GETs; all others come over the
// control connection. Goes with the job's code.

import { setMaxListeners } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import { inputSplit, noUsage, type OpenInput } from "@fnmesh/core/internal";
import type { S3Access } from "../settings.ts";
import { createBucketReader } from "./bucket-reader.ts";
import { isObjectName, objectPlace } from "./object-name.ts";
import { createReadAhead } from "./read-ahead.ts";

/** Enough for a function's network at an object store's latency (16 MiB in 0.2 s), and a small part of its memory. */
const mostAheadBytes = 16 * 1024 * 1024;
const aheadPart = 1 / 16;
/** As many GETs as those bytes are read by. */
const piecesAhead = 4;
/** Several splits may be read at the same time. */
const mostRequests = 16;
/** What a job takes in at a time: as pieces that come over the control connection. */
const mostChunkBytes = 256 * 1024;

export const aheadBytesFor = (memoryMb: number): number =>
  Math.min(mostAheadBytes, memoryMb * 1024 * 1024 * aheadPart);

export const openInput: OpenInput = ({ splits, settings, memoryMb, download, env, signal }) => {
  const closing = new AbortController();
  const either = AbortSignal.any([signal, closing.signal]);
  setMaxListeners(0, either); // Each request under way listens.
  const usage = noUsage();
  const reader = createBucketReader({ access: settings.s3 as S3Access, env, mostRequests, usage });
  const objects = splits.flatMap(({ name, bytes, at }) =>
    at !== undefined && isObjectName(name) ? [{ ...objectPlace(name), ...at, bytes }] : [],
  );
  const ahead = createReadAhead({
    sizes: objects.map(({ bytes }) => bytes),
    pieceBytes: Math.floor(aheadBytesFor(memoryMb) / piecesAhead),
    mostAheadBytes: aheadBytesFor(memoryMb),
    signal: either,
    fetch: (index, at, length, within) => {
      const { bucket, key, version: etag, offset } = objects[index]!;
      return reader.read({ bucket, key, etag, offset: offset + at, length }, within);
    },
  });
  let next = 0;
  return {
    usage,
    splits: splits.map((split, index) => {
      if (split.at === undefined || !isObjectName(split.name)) return download(index);
      const object = next;
      next += 1;
      return inputSplit(split, () => inChunks(ahead.pieces(object)));
    }),
    close() {
      closing.abort(new FnmeshError("CLOSED", "the input was closed"));
      reader.close();
    },
  };
};

async function* inChunks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces)
    for (let at = 0; at < piece.length; at += mostChunkBytes) yield piece.subarray(at, at + mostChunkBytes);
}
