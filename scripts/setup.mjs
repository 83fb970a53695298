// Makes a fresh clone ready: npm's packages, what the NAT lab and the tests of stores and platforms call, the build.
// Prints nothing when there is nothing to do. Needs Node only.

import { fileURLToPath } from "node:url";
import { buildIfStale } from "./build.mjs";
import { main, SetupError } from "./lib/checkout.mjs";
import { installPrograms } from "./lib/debian.mjs";
import { install, isInstalled } from "./lib/dependencies.mjs";

const leastNode = [20, 19];

export async function setup({ lab = true, stores = false, platforms = false, build = true } = {}) {
  checkNode(process.versions.node);
  if (!isInstalled()) await install();
  if (lab) await installPrograms("lab");
  if (stores) await installPrograms("stores");
  if (platforms) await installPrograms("platforms");
  if (build) await buildIfStale();
}

function checkNode(version) {
  const [major, minor] = version.split(".").map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return;
  throw new SetupError(
    `fnmesh needs Node ${leastNode.join(".")} or later, and this is ${version}`,
    "https://nodejs.org",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(setup);
