// `npm run bench -- SCENARIO [--workers N] [--repetitions N] [--json FILE]`: bundles the benchmarks with their jobs
// and rivals, and runs them against the built packages.

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { inRoot, main } from "./lib/checkout.mjs";
import { runInTerminal } from "./lib/run.mjs";
import { setup } from "./setup.mjs";

// What is measured is what users run: the packages as built. The NAT lab is private and has no build of its own.
const bundled = ["@fnmesh/netlab"];

async function bundle(outdir) {
  const { build } = await import("esbuild");
  const common = { outdir, outbase: inRoot("bench"), bundle: true, platform: "node", target: "node20.19" };
  const asModules = { ...common, format: "esm", outExtension: { ".js": ".mjs" }, conditions: ["source"] };
  await Promise.all([
    build({ ...asModules, entryPoints: [inRoot("bench/run.ts")], plugins: [builtPackages] }),
    // A job carries its own copy of the API.
    build({ ...asModules, entryPoints: [inRoot("bench/jobs/*.ts")] }),
    // As fnmesh's own workers: CommonJS starts faster.
    build({
      ...common,
      entryPoints: [inRoot("bench/rivals/*.ts")],
      format: "cjs",
      outExtension: { ".js": ".cjs" },
    }),
  ]);
}

const builtPackages = {
  name: "built packages",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === "entry-point" || bundled.includes(path) ? undefined : { path, external: true },
    );
  },
};

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
