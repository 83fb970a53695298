// What the user names in object storage, as the texts that a job's input is planned of: by listing, page by page, with the
// sizes that cuts are made by and the version that every later read has to meet.

import { FnmeshError } from "@fnmesh/core";
import type { SourceCatalog, SourceText } from "@fnmesh/core/internal";
import type { InputPart } from "../jobs/job.ts";
import { type ObjectPattern, objectPattern } from "./object-pattern.ts";

/**
 * The objects that patterns (`s3://bucket/key`, `s3://bucket/prefix/`, `s3://bucket/logs/*.jsonl`) name, in byte order
 * of their names and each once. Workers read them by themselves. Rejects with INVALID_ARGUMENT, INPUT_NOT_FOUND (also
 * for a pattern that matches nothing), or as the catalog does.
 *
 * @example
 * const texts = await expandObjects(["s3://logs/2026-*.jsonl"], s3Catalog({ access, signal }));
 * const input = await planInput({ files: [], texts, workers: 16 });
 */
export async function expandObjects(
  patterns: readonly string[],
  catalog: SourceCatalog,
): Promise<readonly InputPart[]> {
  const parsed = patterns.map(objectPattern);
  const found = new Map<string, InputPart>();
  for (const pattern of parsed) for (const part of await expand(pattern, catalog)) found.set(part.name, part);
  return [...found.values()].sort((one, other) =>
    Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)),
  );
}

async function expand(pattern: ObjectPattern, catalog: SourceCatalog): Promise<readonly InputPart[]> {
  const { bucket, prefix, kind } = pattern;
  // The key itself comes before all that begin with it.
  const most = kind === "key" ? 1 : undefined;
  const listed = await catalog.list(bucket, prefix, most);
  const usable = listed.filter((text) => !isFolderMark(text));
  // What exists is a key, even with a star in its name.
  const exact = usable.filter(({ key }) => key === pattern.key);
  const texts = exact.length > 0 ? exact : usable.filter(({ key }) => pattern.matches(key));
  if (texts.length === 0) throw notFound(pattern, catalog, listed);
  return texts.map((text) => ({
    name: nameOf(catalog, bucket, text.key),
    bytes: text.bytes,
    at: { offset: 0, version: text.version },
    read: (offset, length) => catalog.read(bucket, text, offset, length),
  }));
}

const nameOf = ({ source }: SourceCatalog, bucket: string, key: string) => `${source}://${bucket}/${key}`;

/** Consoles make them, so that an empty folder can be shown. */
const isFolderMark = ({ key, bytes }: SourceText): boolean => bytes === 0 && key.endsWith("/");

const words: Readonly<Record<ObjectPattern["kind"], (name: string) => string>> = {
  key: (name) => `the input ${name} does not exist`,
  prefix: (name) => `no object is below the input ${name}`,
  glob: (name) => `no object matches the input pattern ${name}`,
};

function notFound(pattern: ObjectPattern, catalog: SourceCatalog, listed: readonly SourceText[]) {
  const name = nameOf(catalog, pattern.bucket, pattern.key);
  const hint = hintFor(pattern, name, listed);
  return new FnmeshError("INPUT_NOT_FOUND", words[pattern.kind](name), { hint });
}

function hintFor({ kind, key, prefix }: ObjectPattern, name: string, listed: readonly SourceText[]): string {
  const isFolder = kind === "key" && listed.some((text) => text.key.startsWith(`${key}/`));
  if (isFolder) return `With a slash at its end it is all objects below it: ${name}/`;
  if (kind !== "glob") return "Check bucket and key; capitals count.";
  if (listed.length === 0) return `No object's key begins with "${prefix}".`;
  return `Of ${listed.length} objects whose keys begin with "${prefix}" none matches: * stands for anything but a slash.`;
}
