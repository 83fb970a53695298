// S3 as a worker's input: its splits by ranged GETs, past the orchestrator. Goes with the job's code.

import { setMaxListeners } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import type { SourceDriver, SourceReader, SourceReaderOptions } from "@fnmesh/core/internal";
import type { S3Access } from "../settings.ts";
import { createBucketReader } from "./bucket-reader.ts";
import { objectPlace } from "./object-name.ts";
import { createReadAhead } from "./read-ahead.ts";

/** As many GETs as the bytes that may wait are read by. */
const piecesAhead = 4;
/** Several splits may be read at the same time. */
const mostRequests = 16;
/** What a job takes in at a time: as pieces that come over the control connection. */
const mostChunkBytes = 256 * 1024;

function open({ settings, ranges, mostAheadBytes, usage, env, signal }: SourceReaderOptions): SourceReader {
  const closing = new AbortController();
  const either = AbortSignal.any([signal, closing.signal]);
  setMaxListeners(0, either); // Each request under way listens.
  const reader = createBucketReader({ access: settings as S3Access, env, mostRequests, usage });
  const places = ranges.map(({ name }) => objectPlace(name));
  const ahead = createReadAhead({
    sizes: ranges.map(({ bytes }) => bytes),
    pieceBytes: Math.max(mostChunkBytes, Math.floor(mostAheadBytes / piecesAhead)),
    mostAheadBytes,
    signal: either,
    fetch: (index, at, length, within) => {
      const { offset, version } = ranges[index]!;
      return reader.read({ ...places[index]!, etag: version, offset: offset + at, length }, within);
    },
  });
  return {
    async *chunks(index) {
      for await (const piece of ahead.pieces(index))
        for (let at = 0; at < piece.length; at += mostChunkBytes)
          yield piece.subarray(at, at + mostChunkBytes);
    },
    close() {
      closing.abort(new FnmeshError("CLOSED", "the input was closed"));
      reader.close();
    },
  };
}

export const source: SourceDriver = { open };
