// A job's input from blobs and from sources: shared out to the workers as files and objects are, blobs under the names
// that the client gave.

import { FnmeshError } from "@fnmesh/core";
import { type SourceCatalog, type SourceName, sourceOf } from "@fnmesh/core/internal";
import { expandObjects, planInput } from "../input/index.ts";
import type { InputPart, JobSpec } from "../jobs/job.ts";

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

/** Texts that are read elsewhere, and what is to be closed after the job. */
export interface SourceInput extends Pick<JobSpec, "sources" | "inputUsage"> {
  readonly texts: readonly InputPart[];
  close(): Promise<void>;
}

/** One source of input, as whoever serves the API has set it up. */
export interface ApiSource {
  /** What a worker needs to know of it: may hold credentials, must reach no log. */
  readonly settings: unknown;
  readonly catalog: (signal: AbortSignal) => SourceCatalog;
}

export type ApiSources = Readonly<Partial<Record<SourceName, ApiSource>>>;

/**
 * What patterns name in their source. Rejects with INVALID_ARGUMENT where that is not set up, INPUT_NOT_FOUND, or as the
 * catalog does.
 */
export async function openSource(
  patterns: readonly string[],
  sources: ApiSources,
  signal: AbortSignal,
): Promise<SourceInput> {
  const name = sourceOf(patterns[0] ?? "");
  if (name === undefined) return { texts: [], close: async () => {} };
  const source = sources[name];
  if (source === undefined) {
    throw new FnmeshError("INVALID_ARGUMENT", `this orchestrator reads no input from ${name}`, {
      hint: "Where it runs, set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or stores.s3 in its settings.",
    });
  }
  const catalog = source.catalog(signal);
  try {
    const texts = await expandObjects(patterns, catalog);
    return {
      ...{ texts, sources: { [name]: source.settings }, inputUsage: catalog.usage },
      close: () => catalog.close(),
    };
  } catch (error) {
    await catalog.close();
    throw error;
  }
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
    // What follows after the files has its own name already.
    const file = files[at];
    if (file === undefined) return part;
    const { name, bytes } = file;
    covered += part.bytes;
    if (covered >= bytes) {
      at += 1;
      covered = 0;
    }
    return { name, bytes: part.bytes, read: part.read };
  };
  return parts.map((mine) => mine.map(rename));
}

/** The files first, then the texts. */
export async function planBlobs(
  files: readonly NamedFile[],
  texts: readonly InputPart[],
  workers: number,
): Promise<BlobInput> {
  const plan = await planInput({ files: files.map(({ path }) => path), texts, workers });
  return { parts: renameParts(plan.parts, files), close: plan.close };
}
