// Platforms' own runtimes that tests run against, where they are too large, or too much work to build, for everybody's
// `npm ci`: installed when the tests are, each by a lock file of its own, into a folder inside node_modules.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprint, inRoot } from "./checkout.mjs";
import { buildRapidClient } from "./rapid-client.mjs";
import { lastLines, runQuietly } from "./run.mjs";

/** `lock` is the folder of package.json and package-lock.json; `finish` makes what npm does not, and throws. */
export const counterparts = [
  {
    name: "aws-lambda-ric",
    title: "AWS Lambda's own runtime",
    lock: "test/providers/aws/counterparts/aws-lambda-ric",
    finish: buildRapidClient,
  },
  {
    name: "serverless-offline",
    title: "serverless-offline",
    lock: "test/providers/aws/counterparts/serverless-offline",
    // It wants `serverless`, which needs a login since version 4; osls is its free successor.
    flags: ["--legacy-peer-deps"],
  },
];

const place = inRoot("node_modules", ".fnmesh-counterparts");
const stampFile = ".fnmesh-installed";

/** Where it is installed; undefined where it is not, or is another one than the lock file says. */
export function counterpartFolder(name) {
  const one = counterparts.find((each) => each.name === name);
  const folder = join(place, name);
  const stamp = join(folder, stampFile);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === stampOf(one) ? folder : undefined;
}

const stampOf = ({ lock }) =>
  [
    fingerprint([inRoot(lock), inRoot("scripts/lib/rapid-client.mjs")]),
    process.version,
    process.platform,
    process.arch,
  ].join(" ");

/** Installs what is missing. Never ends the set-up: what cannot be installed is said, and its tests are skipped. */
export async function installCounterparts() {
  if (process.platform !== "linux") return;
  await Promise.all(counterparts.map(installIfMissing));
}

async function installIfMissing(one) {
  if (counterpartFolder(one.name) !== undefined) return;
  console.error(`installing ${one.title} …`);
  try {
    await install(one);
  } catch (error) {
    console.error(`${one.title} could not be installed: ${error.message}\n  going on without its tests`);
  }
}

async function install(one) {
  const folder = join(place, one.name);
  const staging = `${folder}.${process.pid}.tmp`;
  try {
    mkdirSync(staging, { recursive: true });
    for (const file of ["package.json", "package-lock.json"])
      cpSync(inRoot(one.lock, file), join(staging, file));
    await npmCi(staging, one.flags ?? []);
    await one.finish?.(staging);
    writeFileSync(join(staging, stampFile), stampOf(one));
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function npmCi(folder, flags) {
  const common = ["ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"];
  const { code, output } = await runQuietly("npm", [...common, ...flags], { cwd: folder, timeout: 300_000 });
  if (code !== 0) throw new Error(`\`npm ci\` failed (exit code ${code}):\n${lastLines(output, 8)}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await installCounterparts();
