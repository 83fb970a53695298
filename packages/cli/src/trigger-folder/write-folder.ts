// Puts files into a folder that is all theirs: whole or not at all, in the place of what was written there before, and
// never in the place of anything else.

import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { FnmeshError } from "@fnmesh/core";

export interface FolderFile {
  /** From the folder, with slashes. */
  readonly path: string;
  readonly text: string;
}

/** Says what was written, so that the folder is known again. */
const manifestName = ".fnmesh-trigger.json";

interface Manifest {
  /** SHA-256, hex, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Rejects with USAGE where the folder has anything that was not written by this, or was changed since, but for files
 * called `derived`; or OUTPUT_UNWRITABLE. Then the folder is as it was.
 */
export async function writeFolder(
  given: string,
  files: readonly FolderFile[],
  derived: readonly string[] = [],
): Promise<void> {
  // Where a link leads to, so that it stays one.
  const folder = await realpath(given).catch(() => given);
  const there = await readOurs(folder, derived);
  let fresh: string | undefined;
  try {
    await mkdir(dirname(folder), { recursive: true });
    fresh = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
    await chmod(fresh, 0o755);
    for (const file of [...files, manifestOf(files)]) await write(fresh, file);
    await (there ? swap(fresh, folder) : rename(fresh, folder));
  } catch (cause) {
    if (fresh !== undefined) await rm(fresh, { recursive: true, force: true });
    throw writeError(folder, cause as Error);
  }
}

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

function manifestOf(files: readonly FolderFile[]): FolderFile {
  const manifest: Manifest = {
    files: Object.fromEntries(files.map(({ path, text }) => [path, sha256(text)])),
  };
  return { path: manifestName, text: `${JSON.stringify(manifest, null, 2)}\n` };
}

async function write(folder: string, { path, text }: FolderFile): Promise<void> {
  const target = join(folder, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, text, { flag: "wx" });
}

/** Two renames: what was there is put back if the second one fails. */
async function swap(fresh: string, folder: string): Promise<void> {
  const old = `${fresh}-old`;
  await rename(folder, old);
  try {
    await rename(fresh, folder);
  } catch (error) {
    await rename(old, folder);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** Whether there is such a folder. Throws unless all in it is what was written, as it was written. */
async function readOurs(folder: string, derived: readonly string[]): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") return undefined;
      throw writeError(folder, cause);
    },
  );
  if (entries === undefined) return false;
  const files = entries.filter((entry) => !entry.isDirectory());
  const paths = files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
  const known = await knownFiles(folder);
  for (const path of paths.map((each) => each.replaceAll("\\", "/"))) {
    if (path === manifestName || derived.includes(path)) continue;
    const hash = known[path];
    if (hash === undefined) throw refusal(folder, `it has ${path}`);
    if (hash !== sha256(await readFile(join(folder, path)))) throw refusal(folder, `${path} was changed`);
  }
  return true;
}

/** None where nothing says so: then every file is a stranger. */
async function knownFiles(folder: string): Promise<Manifest["files"]> {
  try {
    const { files } = JSON.parse(await readFile(join(folder, manifestName), "utf8")) as Manifest;
    return files ?? {};
  } catch {
    return {};
  }
}

const refusal = (folder: string, why: string) =>
  new FnmeshError("USAGE", `${folder} is not written over: ${why}`, {
    hint: "Move it away, or choose another folder with --output.",
  });

const writeError = (folder: string, cause: Error) =>
  new FnmeshError("OUTPUT_UNWRITABLE", `${folder} cannot be written: ${cause.message}`, {
    cause,
    hint: "Choose a folder that you may write, with --output.",
  });
