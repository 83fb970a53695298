// What travels with a job beside the user's module: drivers of stores, and readers of its input, as one small module
// without a source map of its own.

import type { SourceName } from "@fnmesh/core/internal";
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

/** Each exports its reader as `source`. */
export type SourceModules = Readonly<Partial<Record<SourceName, string>>>;

const ownSources: Readonly<Record<SourceName, string>> = { s3: "@fnmesh/stores/s3-input" };

/** The readers of these sources, from this installation. */
export const sourceModules = (sources: readonly SourceName[]): SourceModules =>
  Object.fromEntries(sources.map((source) => [source, ownSources[source]]));

/** By what the module exports them as. */
export interface Travelling {
  readonly stores: DriverModules;
  readonly sources: SourceModules;
}

const exportNames = ["stores", "sources"] as const;
/** As which each of those modules exports its own. */
const memberNames = { stores: "driver", sources: "source" } as const;

/** Those exports that have anything in them. */
export const exportsOf = (modules: Travelling): readonly (keyof Travelling)[] =>
  exportNames.filter((name) => Object.keys(modules[name]).length > 0);

/** What the virtual entry imports. */
export const driversImport = "fnmesh:drivers";

/** Resolves `driversImport` to a module that exports `exportsOf(modules)`. */
export const driversPlugin = (modules: Travelling): Plugin => ({
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
  modules: Travelling,
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

function driversEntry(modules: Travelling): string {
  const lines = exportsOf(modules).flatMap((name) => {
    const entries = Object.entries(modules[name]);
    const local = (index: number) => `${name}${index}`;
    const imports = entries.map(
      ([, path], index) => `import { ${memberNames[name]} as ${local(index)} } from ${quoted(path)};`,
    );
    const members = entries.map(([key], index) => `${quoted(key)}: ${local(index)}`);
    return [...imports, `export const ${name} = { ${members.join(", ")} };`];
  });
  return lines.join("\n");
}

const quoted = (text: string) => JSON.stringify(text);

/** As `withRequire`, for a text whose names are short: what esbuild says where there is no `require` gives it away. */
const withOwnRequire = (text: string): string =>
  text.includes("Dynamic require of")
    ? `import { createRequire as __fnmeshOwn } from "node:module"; var require = __fnmeshOwn(process.execPath); ${text}`
    : text;
