// What the user names as input, as a list of files: paths as they are, patterns as what they match.

import { stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { glob, isDynamicPattern } from "tinyglobby";
import { inputError, notAFile } from "./input-error.ts";

/**
 * Expands paths and patterns (`*`, `**`, `?`, `[abc]`, `{a,b}`) to files, in byte order and each once. What exists is
 * a path, even with a star in its name. Names that begin with a dot are matched only by patterns that say so.
 * Rejects with INPUT_NOT_FOUND (also for a pattern that matches nothing) or INPUT_UNREADABLE.
 *
 * @param cwd what relative paths and patterns start from
 * @returns paths relative to `cwd` where they are below it, otherwise absolute
 */
export async function expandInputs(patterns: readonly string[], cwd: string): Promise<string[]> {
  const found = await Promise.all(patterns.map((pattern) => expand(pattern, cwd)));
  const paths = new Set(found.flat().map((path) => nameOf(resolve(cwd, path), cwd)));
  return [...paths].sort(byBytes);
}

async function expand(pattern: string, cwd: string): Promise<readonly string[]> {
  const dynamic = isDynamicPattern(pattern);
  try {
    const there = await stat(resolve(cwd, pattern));
    if (there.isDirectory()) throw notAFile(pattern, true);
    return [pattern];
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (!dynamic || !missing) throw inputError(pattern, cause);
  }
  const matches = await glob(pattern, { cwd, absolute: true, expandDirectories: false }).catch((cause) => {
    throw inputError(pattern, cause);
  });
  if (matches.length > 0) return matches;
  throw new FnmeshError("INPUT_NOT_FOUND", `no file matches the input pattern ${pattern}`, {
    hint: "Patterns are taken from the working directory; quote them, so that the shell leaves them alone.",
  });
}

function nameOf(path: string, cwd: string): string {
  const name = relative(cwd, path);
  return name === ".." || name.startsWith(`..${sep}`) ? path : name;
}

/** As the C locale sorts: JavaScript's own order, by UTF-16 units, differs beyond the basic plane. */
const byBytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
