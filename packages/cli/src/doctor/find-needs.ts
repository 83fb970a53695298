// Whether what a platform needs is installed, without loading or running it.

import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** As who imports it would find it, from the folders that are looked through; undefined: it is not there. */
export function findPackage(name: string, from: string | URL = import.meta.url): string | undefined {
  const folders = createRequire(from).resolve.paths(name) ?? [];
  const found = folders
    .map((folder) => join(folder, name))
    .find((path) => existsSync(join(path, "package.json")));
  return found === undefined ? undefined : realpathSync(found);
}

/** The same of a package that @fnmesh/providers imports, wherever that is. */
export function findForProviders(name: string): string | undefined {
  const providers = findPackage("@fnmesh/providers");
  return providers === undefined ? undefined : findPackage(name, join(providers, "package.json"));
}

/** The path of a command, as a shell would find it; undefined: it is not there. */
export function findCommand(
  command: string,
  { PATH = "", PATHEXT = "" }: Readonly<Record<string, string | undefined>>,
): string | undefined {
  const endings = ["", ...PATHEXT.split(";").filter((ending) => ending !== "")];
  return PATH.split(delimiter)
    .filter((folder) => folder !== "")
    .flatMap((folder) => endings.map((ending) => join(folder, command + ending)))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false; // Not there, or not for us: either way it cannot be run.
  }
}
