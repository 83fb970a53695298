// Shares texts out to workers: each gets an equal stretch of them, as far as lines allow. Where the texts are, in files
// or in memory, is for others to know.

import { FnmeshError } from "@fnmesh/core";
import type { InputPart } from "../jobs/job.ts";
import { evenCuts, type Piece, type Place, piecesOf } from "./cuts.ts";
import { firstLookBytes, lineStart } from "./line-border.ts";

/**
 * The parts by rank. A part begins where a line begins and ends where one ends; a text without bytes is a part, too.
 * Rejects as the texts' own reads do, and so do the parts' reads, and with INVALID_ARGUMENT beyond their end.
 *
 * @param texts whole, in the order in which they follow each other
 */
export async function shareInput(
  texts: readonly InputPart[],
  workers: number,
): Promise<readonly (readonly InputPart[])[]> {
  const sizes = texts.map(({ bytes }) => bytes);
  const cuts = await toLineStarts(evenCuts(sizes, workers), texts);
  const pieces = piecesOf(sizes, cuts, workers);
  return pieces.map((mine) => mine.map((piece) => partOf(texts[piece.file]!, piece)));
}

/**
 * Moves each cut to where a line begins. A line so long that its end is not in sight stays whole. First there is one
 * small look at each cut, all at once: a read far away takes as long as hundreds that are near.
 */
async function toLineStarts(cuts: readonly Place[], texts: readonly InputPart[]): Promise<readonly Place[]> {
  const found = await Promise.all(cuts.map((cut) => lineStartIn(texts, cut, firstLookBytes)));
  const moved: (number | undefined)[] = [];
  for (const [index, cut] of cuts.entries()) {
    const before = cuts[index - 1]?.file === cut.file ? moved[index - 1] : undefined;
    // No line begins between the cut before and the place to which it was moved.
    if (before !== undefined && before >= cut.offset) moved.push(before);
    else moved.push(found[index] ?? (await lineStartIn(texts, cut)));
  }
  return cuts.map(({ file }, index) => ({
    file,
    offset: nextFound(cuts, moved, index) ?? texts[file]!.bytes,
  }));
}

function lineStartIn(texts: readonly InputPart[], { file, offset }: Place, mostLook?: number) {
  const text = texts[file]!;
  return lineStart((at, length) => text.read(at, length), offset, text.bytes, mostLook);
}

/** The first line start that was found for this cut or a later one in the same file. */
function nextFound(cuts: readonly Place[], moved: readonly (number | undefined)[], from: number) {
  for (let index = from; cuts[index]?.file === cuts[from]!.file; index++) {
    if (moved[index] !== undefined) return moved[index];
  }
  return undefined;
}

function partOf(text: InputPart, { offset: start, bytes }: Piece): InputPart {
  const { at } = text;
  return {
    name: text.name,
    bytes,
    ...(at === undefined ? {} : { at: { ...at, offset: at.offset + start } }),
    async read(offset, length) {
      if (offset < 0 || length < 0 || offset + length > bytes) {
        throw new FnmeshError("INVALID_ARGUMENT", `${length} bytes at ${offset} of a part of ${bytes} bytes`);
      }
      return await text.read(start + offset, length);
    },
  };
}
