// A job's input from blobs: shared out to the workers as files are, under the names that the client gave.

import { planInput } from "../input/index.ts";
import type { InputPart } from "../jobs/job.ts";

export interface NamedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
}

export interface BlobInput {
  readonly parts: readonly (readonly InputPart[])[];
  /** May be called twice. */
  close(): Promise<void>;
}

/**
 * Parts that cover `files` one after the other, under the files' names. A name cannot be looked up by path: one blob
 * may be there twice, under two names.
 */
export function renameParts(
  parts: readonly (readonly InputPart[])[],
  files: readonly NamedFile[],
): readonly (readonly InputPart[])[] {
  let at = 0;
  let covered = 0;
  const rename = (part: InputPart): InputPart => {
    const { name, bytes } = files[at]!;
    covered += part.bytes;
    if (covered >= bytes) {
      at += 1;
      covered = 0;
    }
    return { name, bytes: part.bytes, read: part.read };
  };
  return parts.map((mine) => mine.map(rename));
}

export async function planBlobs(files: readonly NamedFile[], workers: number): Promise<BlobInput> {
  const plan = await planInput({ files: files.map(({ path }) => path), workers });
  return { parts: renameParts(plan.parts, files), close: plan.close };
}
