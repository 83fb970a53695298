// Stack traces of a bundled job, in terms of the user's sources. Node's own `--enable-source-maps` does not find the
// map of a module from a `data:` URL, and would read it at the start rather than when there is an error.

import type { SourceMapPayload } from "node:module";
import { fileURLToPath } from "node:url";

const mapPrefix = "\n//# sourceMappingURL=data:application/json;base64,";

/** Takes the inline source map off a module's text. */
export function cutSourceMap(code: string): { readonly text: string; readonly map: string | undefined } {
  const at = code.lastIndexOf(mapPrefix);
  if (at < 0) return { text: code, map: undefined };
  return { text: code.slice(0, at), map: code.slice(at + mapPrefix.length).trim() };
}

/** Rewrites the stack of whatever was thrown, and those of its causes. */
export type StackMapper = (thrown: unknown) => void;

/** A cause may be its own cause. */
const mostCauses = 8;

export interface MappedModule {
  /** The name that the module gives itself (its sourceURL), and the URL from which it came: a frame has either. */
  readonly name: string;
  readonly url: string;
  /** Its source map, base64. */
  readonly map: string | undefined;
}

export function stackMapper({ name, url, map }: MappedModule): StackMapper {
  const frame = new RegExp(`${name.replaceAll(".", "\\.")}:(\\d+):(\\d+)`, "g");
  let lookup: Lookup | undefined;
  return (thrown) => {
    let error = thrown;
    for (let depth = 0; error instanceof Error && depth < mostCauses; depth++, error = error.cause) {
      const stack = String(error.stack).replaceAll(url, name);
      if (!stack.includes(name)) continue;
      lookup ??= readMap(map);
      // `set` and not an assignment: a frozen error keeps its stack.
      Reflect.set(error, "stack", stack.replace(frame, lookup));
    }
  };
}

type Lookup = (found: string, line: string, column: string) => string;

const asFound: Lookup = (found) => found;

function readMap(base64: string | undefined): Lookup {
  if (base64 === undefined) return asFound;
  try {
    const payload = JSON.parse(Buffer.from(base64, "base64").toString()) as SourceMapPayload;
    // Not imported at the top: most workers start and end without an error, and starting shall be quick.
    const { SourceMap } = process.getBuiltinModule("node:module");
    const map = new SourceMap(payload);
    return (found, line, column) => {
      const entry = map.findEntry(Number(line) - 1, Number(column) - 1);
      // The last entry before a place may be of code long before it: not everything in a job is mapped.
      if (!("originalSource" in entry) || entry.generatedLine !== Number(line) - 1) return found;
      const source = pathOf(`${payload.sourceRoot ?? ""}${entry.originalSource}`);
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    };
  } catch {
    // A broken map must not hide the error that it should explain.
    return asFound;
  }
}

function pathOf(source: string): string {
  return source.startsWith("file:") ? fileURLToPath(source) : source;
}
