// Reads which module imports what: every static, re-exporting and dynamic import, of types too.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path/posix";
import ts from "typescript";

export interface Import {
  /** The importing file, from the repository's root. */
  readonly file: string;
  /** `node:fs`, a package's name with its subpath, or, for a relative import, a path from the repository's root. */
  readonly target: string;
}

export function importsIn(file: string, text: string): Import[] {
  const { importedFiles } = ts.preProcessFile(text, true, true);
  return importedFiles.map(({ fileName }) => ({
    file,
    target: fileName.startsWith(".") ? normalize(join(dirname(file), fileName)) : fileName,
  }));
}

/** Tests and what only tests use may reach where the code may not. */
const isForTests = (file: string): boolean =>
  /\.(test|suite)\.ts$/.test(file) ||
  (file.includes("/testing/") && !file.startsWith("packages/core/src/testing/"));

const isCode = (file: string): boolean =>
  /^(packages\/[^/]+\/src|examples)\/.*\.ts$/.test(file) && !/\/(node_modules|dist)\//.test(file);

/** The imports of all code in the repository that is not for tests. */
export function importsOfCode(root: string): Import[] {
  const files = ["packages", "examples"].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[]).map((file) => `${folder}/${file}`),
  );
  return files
    .filter((file) => isCode(file) && !isForTests(file))
    .sort()
    .flatMap((file) => importsIn(file, readFileSync(join(root, file), "utf8")));
}
