// The stores' drivers as they travel with a job: one small module beside the user's, without a source map of its own.

import type { StoreRung } from "@fnmesh/core/protocol";
import type { Plugin } from "esbuild";
import { conditions, ownFolder, unmapped } from "./esbuild-parts.ts";

/** Each exports its driver as `driver`. */
export type DriverModules = Readonly<Partial<Record<StoreRung, string>>>;

const ownModules: Readonly<Record<StoreRung, string>> = {
  redis: "@fnmesh/stores/redis",
  memcached: "@fnmesh/stores/memcached",
  "s3-naive": "@fnmesh/stores/s3",
  "s3-combined": "@fnmesh/stores/s3",
};

/** The drivers of these rungs, from this installation. */
export const driverModules = (rungs: readonly StoreRung[]): DriverModules =>
  Object.fromEntries(rungs.map((rung) => [rung, ownModules[rung]]));

/** What the virtual entry imports. */
export const driversImport = "fnmesh:drivers";

/** Resolves `driversImport` to a module that exports `stores`. */
export const driversPlugin = (modules: DriverModules): Plugin => ({
  name: "drivers",
  setup(build) {
    const namespace = "fnmesh-drivers";
    build.onResolve({ filter: new RegExp(`^${driversImport}$`) }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter: /.*/, namespace }, async () => ({
      contents: await bundleDrivers(build.esbuild, modules),
      resolveDir: ownFolder,
    }));
  },
});

/** Made small apart from the job: whose own names have to stay, for its stack traces. */
async function bundleDrivers(
  esbuild: Pick<typeof import("esbuild"), "build">,
  modules: DriverModules,
): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: driversEntry(modules), resolveDir: ownFolder, sourcefile: "fnmesh-drivers.mjs" },
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    charset: "utf8",
    legalComments: "none",
    conditions,
    logLevel: "silent",
  });
  return unmapped(withOwnRequire(outputFiles[0]!.text));
}

function driversEntry(modules: DriverModules): string {
  const entries = Object.entries(modules);
  const imports = entries.map(([, path], index) => `import { driver as d${index} } from ${quoted(path)};`);
  const members = entries.map(([rung], index) => `${quoted(rung)}: d${index}`);
  return `${imports.join("\n")}\nexport const stores = { ${members.join(", ")} };`;
}

const quoted = (text: string) => JSON.stringify(text);

/** As `withRequire`, for a text whose names are short: what esbuild says where there is no `require` gives it away. */
const withOwnRequire = (text: string): string =>
  text.includes("Dynamic require of")
    ? `import { createRequire as __fnmeshOwn } from "node:module"; var require = __fnmeshOwn(process.execPath); ${text}`
    : text;
