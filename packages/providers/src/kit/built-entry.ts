// Where the bundles are that run inside functions: beside this package's built modules.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { FnmeshError } from "@fnmesh/core";

/** Seen from this file in the sources, and from the built modules and their chunks. */
const places = ["../../dist/", "./", "../", "../../"];

/**
 * The path of a platform's bundle, such as `aws/entry.cjs`. Throws PROVIDER_UNAVAILABLE.
 */
export function builtEntry(name: string): string {
  const found = places
    .map((place) => fileURLToPath(new URL(place + name, import.meta.url)))
    .find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new FnmeshError("PROVIDER_UNAVAILABLE", `the function's bundle ${name} is not built`, {
    hint: "Run `npm run build` in the checkout, or install the package again.",
  });
}
