// What a line of the input says: a vertex, and where its links lead. A table, by the name of the format.

import { FnmeshError } from "fnmesh";

export interface Vertex {
  /** Without spaces; two lines with one name are one vertex with the links of both. */
  readonly name: string;
  /** For people. */
  readonly label: string;
  readonly targets: readonly string[];
}

export type FormatName = keyof typeof formats;

/** Undefined for a line that has no vertex. All throw INVALID_ARGUMENT for one that breaks the format. */
export const formats = { wordnet, edges } as const satisfies Record<
  string,
  (line: string) => Vertex | undefined
>;

/** `source target`, one link a line, as in the SNAP collection; lines that begin with # are comments. */
function edges(line: string): Vertex | undefined {
  const text = line.trim();
  if (text === "" || text.startsWith("#")) return undefined;
  const [source, target, ...rest] = text.split(/\s+/);
  if (target === undefined || rest.length > 0) throw malformed("edges", line);
  return { name: source!, label: source!, targets: [target] };
}

/**
 * A synset of a WordNet `data` file (wndb(5WN)), such as
 *
 *     00001930 03 n 01 physical_entity 0 007 @ 00001740 n 0000 ~ 00002452 n 0000 … | an entity that has …
 *     offset   file type words (hex)       pointers: symbol, offset, part of speech, words
 *
 * It links to every synset that it points to. The licence at the top is indented.
 */
function wordnet(line: string): Vertex | undefined {
  if (line === "" || line.startsWith(" ")) return undefined;
  const fields = line.split(" ");
  const [offset, , type, words, label] = fields;
  const pointersAt = 4 + 2 * Number.parseInt(words ?? "", 16);
  const pointers = Number.parseInt(fields[pointersAt] ?? "", 10);
  const targets = Array.from({ length: pointers || 0 }, (_, pointer) => {
    const at = pointersAt + 1 + 4 * pointer;
    return synset(fields[at + 2], fields[at + 1]);
  });
  const name = synset(type, offset);
  if (Number.isNaN(pointers) || [name, ...targets].some((name) => !/^[nvar]\d{8}$/.test(name))) {
    throw malformed("wordnet", line);
  }
  return { name, label: label!, targets };
}

/** Offsets are unique within a part of speech; "s", a satellite adjective, is an adjective. */
const synset = (type: string | undefined, offset: string | undefined): string =>
  `${type === "s" ? "a" : type}${offset}`;

const malformed = (format: string, line: string) =>
  new FnmeshError("INVALID_ARGUMENT", `not of the format ${format}: ${line.slice(0, 80)}`, {
    hint: `Choose with --param format=NAME; there are ${Object.keys(formats).join(" and ")}.`,
  });
