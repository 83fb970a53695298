// A part of the input as a job sees it, wherever its bytes come from.

import type { InputSplit } from "./job.ts";

export const inputSplit = (
  { name, bytes }: Pick<InputSplit, "name" | "bytes">,
  chunks: InputSplit["chunks"],
): InputSplit => ({
  name,
  bytes,
  chunks,
  async read() {
    const pieces: Uint8Array[] = [];
    for await (const piece of chunks()) pieces.push(piece);
    return Buffer.concat(pieces);
  },
});
