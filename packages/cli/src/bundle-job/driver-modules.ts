// What travels with a job beside the user's module: drivers of stores, and what reads its input, as one small module
// without a source map of its own.

import type { StoreRung } from "@fnmesh/core/protocol";
import type { Plugin } from "esbuild";
import { oneSmallModule, ownFolder, unmapped } from "./esbuild-parts.ts";

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

/** Exports what opens a worker's input as `openInput`; from this installation. */
export const inputModule = "@fnmesh/stores/s3-input";

export interface Travelling {
  readonly stores: DriverModules;
  /** As `inputModule`; absent: the input comes over the control connections. */
  readonly input: string | undefined;
}

/** What the module has to export. */
export const exportsOf = ({ stores, input }: Travelling): readonly string[] => [
  ...(Object.keys(stores).length > 0 ? ["stores"] : []),
  ...(input === undefined ? [] : ["openInput"]),
];

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
    ...oneSmallModule,
    stdin: { contents: driversEntry(modules), resolveDir: ownFolder, sourcefile: "fnmesh-drivers.mjs" },
  });
  return unmapped(withOwnRequire(outputFiles[0]!.text));
}

function driversEntry({ stores, input }: Travelling): string {
  const entries = Object.entries(stores);
  const imports = entries.map(([, path], index) => `import { driver as d${index} } from ${quoted(path)};`);
  const members = entries.map(([rung], index) => `${quoted(rung)}: d${index}`);
  const reader = input === undefined ? [] : [`export { openInput } from ${quoted(input)};`];
  return [...imports, `export const stores = { ${members.join(", ")} };`, ...reader].join("\n");
}

const quoted = (text: string) => JSON.stringify(text);

/** As `withRequire`, for a text whose names are short: what esbuild says where there is no `require` gives it away. */
const withOwnRequire = (text: string): string =>
  text.includes("Dynamic require of")
    ? `import { createRequire as __fnmeshOwn } from "node:module"; var require = __fnmeshOwn(process.execPath); ${text}`
    : text;
