// npm's packages: are those of package-lock.json installed, and if not, install them.

import { existsSync, readFileSync } from "node:fs";
import { inRoot, SetupError } from "./checkout.mjs";
import { lastLines, runQuietly } from "./run.mjs";

/**
 * npm notes what it has installed in a lock file of its own inside node_modules, as the last thing it does. So an
 * install that was cut off, an older one, and one for another lock file all show as a difference between the two.
 */
export const isInstalled = () =>
  hasAll(readLock("package-lock.json"), readLock("node_modules/.package-lock.json"));

export function hasAll(wanted, present) {
  if (wanted === undefined || present === undefined) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes("node_modules/")) return true; // the workspaces themselves
    const found = present[path];
    if (found === undefined) return entry.optional === true; // for another platform
    // The lock file has no integrity for packages that the registry in use did not have when it was made.
    return found.version === entry.version && (entry.integrity ?? found.integrity) === found.integrity;
  });
}

function readLock(path) {
  const file = inRoot(path);
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")).packages;
}

export async function install() {
  console.error("installing npm packages …");
  // No package here needs a script to run at its install, and this checkout's own build is setup's next step.
  const { code, output } = await runQuietly("npm", [
    "ci",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ]).catch((error) => {
    throw new SetupError(
      `npm could not be started: ${error.message}`,
      "npm comes with Node: https://nodejs.org",
    );
  });
  if (code === 0) return;
  throw new SetupError(
    `\`npm ci\` failed (exit code ${code}):\n${lastLines(output, 15)}`,
    "Is the package registry in reach? `npm ping` tells.",
  );
}
