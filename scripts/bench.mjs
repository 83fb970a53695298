// `npm run bench -- SCENARIO [--workers N] [--repetitions N] [--json FILE] …`: bundles the benchmarks with their jobs,
// rivals and shaping proxies, and runs them against the built packages.

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inRoot, main } from "./lib/checkout.mjs";
import { runInTerminal } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

async function bundle(outdir) {
  const { build } = await import("esbuild");
  const common = { outdir, outbase: inRoot("bench"), bundle: true, platform: "node", target: "node20.19" };
  const asModules = { ...common, format: "esm", outExtension: { ".js": ".mjs" } };
  await Promise.all([
    // What is measured is what users run: the packages as built.
    build({ ...asModules, entryPoints: [inRoot("bench/run.ts")], packages: "external" }),
    build({
      ...asModules,
      entryPoints: [inRoot("bench/shaping/program.ts"), inRoot("bench/relays/program.ts")],
      packages: "external",
    }),
    // A job carries its own copy of the API.
    build({ ...asModules, entryPoints: [inRoot("bench/jobs/*.ts")], conditions: ["source"] }),
    // As fnmesh's own workers: CommonJS starts faster.
    build({
      ...common,
      entryPoints: [inRoot("bench/rivals/*.ts"), inRoot("bench/workers/*.ts")],
      format: "cjs",
      outExtension: { ".js": ".cjs" },
      // It starts threads from a file of its own.
      external: ["piscina"],
      conditions: ["source"],
    }),
  ]);
}

const prefix = ".fnmesh-bench-";

/** Folders of benchmarks that were killed together with who would have removed them. */
function sweep() {
  for (const name of readdirSync(inRoot("node_modules"))) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split("-")[0]) : 0;
    if (pid > 0 && !isAlive(pid)) rmSync(inRoot(`node_modules/${name}`), { recursive: true, force: true });
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM"; // another user's: none of ours
  }
}

await main(async () => {
  await setup();
  sweep();
  const folder = mkdtempSync(inRoot(`node_modules/${prefix}${process.pid}-`));
  try {
    await bundle(folder);
    // The fourth is a lifeline: nothing is written to it, and it ends with this process, however that ends.
    const stdio = ["inherit", "inherit", "inherit", "pipe"];
    const program = [join(folder, "run.mjs"), ...process.argv.slice(2)];
    return await runInTerminal(process.execPath, program, { stdio });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
