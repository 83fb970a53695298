// The files of a new project, as they are in the package's folder `template`, with what differs filled in.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

export interface ProjectFile {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
}

export interface Filling {
  readonly name: string;
  readonly version: string;
}

/** npm leaves a file of that name out of a package. */
const renamed: Readonly<Record<string, string>> = { gitignore: ".gitignore" };

/** In the order of their names. */
export async function projectFiles(template: string, filling: Filling): Promise<readonly ProjectFile[]> {
  const entries = await readdir(template, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(template.length)
        .replace(/^[/\\]/, ""),
    )
    .sort();
  return await Promise.all(
    paths.map(async (path) => ({
      path: renamed[path] ?? path,
      text: fill(await readFile(join(template, path), "utf8"), filling),
    })),
  );
}

const fill = (text: string, { name, version }: Filling): string =>
  text.replaceAll("{{name}}", name).replaceAll("{{version}}", version);
