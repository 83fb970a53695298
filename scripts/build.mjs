// Builds every package into its dist: ES modules with types by tsdown, and the bundles that run inside functions by
// esbuild. A build is made beside the old one and moved over it file by file, so a command that runs meanwhile never
// meets half a file. `--if-stale` builds only what is missing or older than its sources.

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprint, inRoot, main, SetupError } from "./lib/checkout.mjs";
import {
  buildInputs,
  buildOutputs,
  buildStamp,
  functionBundles,
  functionFiles,
  isBuildInput,
  packages,
} from "./lib/packages.mjs";

const nodeTarget = "node20.19";

// A running command may still load a chunk of the build before this one: old files stay that long.
const keepStaleMs = 60 * 60 * 1000;

export async function buildIfStale() {
  if (isBuilt()) return;
  console.error("building …");
  await build();
}

function isBuilt() {
  if (!buildOutputs.every((path) => existsSync(path)) || !existsSync(buildStamp)) return false;
  return readFileSync(buildStamp, "utf8") === fingerprint(buildInputs, isBuildInput);
}

export async function build() {
  const inputs = fingerprint(buildInputs, isBuildInput);
  const staging = `dist.${process.pid}.tmp`;
  try {
    await allDone([...packages.map((each) => buildPackage(each, staging)), buildFunctionBundles(staging)]);
    for (const { package: name, from, to } of functionFiles) {
      cpSync(inRoot("packages", name, from), inRoot("packages", name, staging, to));
    }
    for (const { name } of packages) {
      moveOver(inRoot("packages", name, staging), inRoot("packages", name, "dist"));
      sweep(inRoot("packages", name));
    }
    writeFileSync(buildStamp, inputs);
  } catch (error) {
    throw new SetupError(`the build failed: ${error.message}`);
  } finally {
    for (const { name } of packages)
      rmSync(inRoot("packages", name, staging), { recursive: true, force: true });
  }
}

/** As Promise.all, but it ends only when nothing of it runs any more: what is cleaned up after it stays clean. */
async function allDone(promises) {
  const failed = (await Promise.allSettled(promises)).find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

async function buildPackage({ name, entries = {}, untyped = {}, bundles = [] }, outDir) {
  const { build } = await import("tsdown");
  const common = {
    config: false,
    cwd: inRoot("packages", name),
    outDir,
    format: "esm",
    fixedExtension: true,
    platform: "node",
    target: nodeTarget,
    tsconfig: inRoot("tsconfig.json"),
    clean: false,
    sourcemap: true,
    logLevel: "warn",
    report: false,
    checks: { pluginTimings: false },
    inputOptions: { resolve: { conditionNames: ["source", "import", "node", "default"] } },
    deps: { neverBundle: (id) => isPackage(id) && !bundles.includes(id), alwaysBundle: bundles },
  };
  const isThere = (table) => Object.keys(table).length > 0;
  if (isThere(entries)) await build({ ...common, entry: entries, dts: { sourcemap: false } });
  if (isThere(untyped)) await build({ ...common, entry: untyped, dts: false });
}

const isPackage = (id) => /^(?:@[\w-]+\/)?[a-z][\w-]*(?:\/|$)|^node:/.test(id);

async function buildFunctionBundles(outDir) {
  const esbuild = await import("esbuild");
  await Promise.all(
    functionBundles.map(({ package: name, from, to }) =>
      esbuild.build({
        entryPoints: [inRoot("packages", name, from)],
        outfile: inRoot("packages", name, outDir, to),
        bundle: true,
        minify: true,
        platform: "node",
        target: nodeTarget,
        format: "cjs",
        conditions: ["source"],
        logLevel: "warning",
      }),
    ),
  );
}

/** Moves all files of `fresh` into `dist`, those that others load first; then drops what no build has made for long. */
function moveOver(fresh, dist) {
  const files = filesIn(fresh);
  const isEntry = (file) => buildOutputs.includes(join(dist, file));
  for (const file of files.sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    mkdirSync(dirname(join(dist, file)), { recursive: true });
    renameSync(join(fresh, file), join(dist, file));
  }
  for (const file of filesIn(dist)) {
    if (!files.includes(file) && isStale(join(dist, file))) rmSync(join(dist, file));
  }
}

/** What builds that were killed have left. */
function sweep(folder) {
  for (const name of readdirSync(folder).filter((each) => /^dist\.\d+\.tmp$/.test(each))) {
    if (isStale(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

const filesIn = (folder) =>
  readdirSync(folder, { recursive: true }).filter((file) => statSync(join(folder, file)).isFile());

const isStale = (path) => Date.now() - statSync(path).mtimeMs > keepStaleMs;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() => (process.argv.includes("--if-stale") ? buildIfStale() : build()));
}
