// `npm run bench -- SCENARIO [--workers N] [--repetitions N] [--json FILE] …`: bundles the benchmarks with their jobs,
// rivals and shaping proxies, and runs them against the built packages.

import { mkdtempSync, rmSync } from "node:fs";
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
    build({ ...asModules, entryPoints: [inRoot("bench/shaping/program.ts")], packages: "external" }),
    // A job carries its own copy of the API.
    build({ ...asModules, entryPoints: [inRoot("bench/jobs/*.ts")], conditions: ["source"] }),
    // As fnmesh's own workers: CommonJS starts faster.
    build({
      ...common,
      entryPoints: [inRoot("bench/rivals/*.ts")],
      format: "cjs",
      outExtension: { ".js": ".cjs" },
    }),
  ]);
}

await main(async () => {
  await setup();
  const folder = mkdtempSync(inRoot("node_modules/.fnmesh-bench-"));
  try {
    await bundle(folder);
    return await runInTerminal(process.execPath, [join(folder, "run.mjs"), ...process.argv.slice(2)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
