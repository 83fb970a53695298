// Writes the files of a new project: all of them, and over none that is there.

import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { ProjectFile } from "./template.ts";

/** Rejects with USAGE, which names the files that are there, or OUTPUT_UNWRITABLE. Then nothing was written. */
export async function writeProject(folder: string, files: readonly ProjectFile[]): Promise<void> {
  const there = await Promise.all(files.map(({ path }) => exists(join(folder, path))));
  refuseIfAny(
    folder,
    files.filter((_, index) => there[index]),
  );
  const written: string[] = [];
  try {
    for (const { path, text } of files) {
      const target = join(folder, path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text, { flag: "wx" });
      written.push(target);
    }
  } catch (cause) {
    await Promise.all(written.map((path) => rm(path, { force: true })));
    throw writeError(folder, cause as NodeJS.ErrnoException);
  }
}

function refuseIfAny(folder: string, files: readonly ProjectFile[]): void {
  if (files.length === 0) return;
  const names = files.map(({ path }) => path).join(", ");
  throw new FnmeshError("USAGE", `${folder} has ${names} already: nothing was written`, {
    hint: "Choose another directory: fnmesh init DIRECTORY",
  });
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

const writeError = (folder: string, cause: NodeJS.ErrnoException) =>
  new FnmeshError("OUTPUT_UNWRITABLE", `the project cannot be written into ${folder}: ${cause.message}`, {
    cause,
    hint: "Choose a directory that you may write into: fnmesh init DIRECTORY",
  });
