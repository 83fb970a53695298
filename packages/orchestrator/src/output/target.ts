// Where an output file really goes: links are followed, so that what they lead to is replaced and not the link.

import { constants } from "node:fs";
import { access, lstat, readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { notAFile, outputError } from "./output-error.ts";

export interface Target {
  /** As the user named it. */
  readonly name: string;
  /** Without links. */
  readonly path: string;
  readonly directory: string;
  /** Permissions of the file that is there and will be replaced. */
  readonly mode: number | undefined;
}

/** As many links in a row as Linux follows. */
const mostLinks = 40;

/** Rejects with OUTPUT_UNWRITABLE. */
export async function findTarget(name: string): Promise<Target> {
  let path = resolve(name);
  try {
    for (let links = 0; links <= mostLinks; links++) {
      path = join(await realpath(dirname(path)), basename(path));
      const there = await lstatOrNothing(path);
      if (there?.isSymbolicLink()) {
        path = resolve(dirname(path), await readlink(path));
        continue;
      }
      if (there !== undefined && !there.isFile()) throw notAFile(name, there.isDirectory());
      // A rename would replace a write-protected file too; its owner did not mean that.
      if (there !== undefined) await access(path, constants.W_OK);
      return { name, path, directory: dirname(path), mode: there && there.mode & 0o7777 };
    }
    throw Object.assign(new Error("too many symbolic links"), { code: "ELOOP" });
  } catch (cause) {
    throw outputError(name, dirname(path), cause);
  }
}

async function lstatOrNothing(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
