// A trigger's function as one ES module in text: the door `fnmesh/trigger`, the job as its workers get it, and the
// user's map. Built and looked at, never executed.

import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import type { JobWish } from "@fnmesh/providers/trigger";
import type { Plugin } from "esbuild";
import type { BundledJob } from "../bundle-job/bundle-job.ts";
import { buildError, describeMessage } from "../bundle-job/compile-error.ts";
import { oneModule, ownFolder, thisInstallation } from "../bundle-job/esbuild-parts.ts";

export interface HandlerParts {
  readonly job: Pick<BundledJob, "name" | "code" | "modules">;
  /** The user's module, as it was typed; undefined: the preset. */
  readonly map: string | undefined;
  /** What each job has that its item does not say. */
  readonly presets: JobWish;
  /** Paths are taken, and shown, from here. */
  readonly cwd: string;
}

export interface BundledHandler {
  /** Exports `handler`. */
  readonly code: string;
  /** Its source map, which goes beside it as `index.mjs.map`. */
  readonly map: string;
  readonly warnings: readonly string[];
}

/** Rejects with USAGE for a map that is not there, JOB_COMPILE, or JOB_INVALID for one without a default export. */
export async function bundleHandler({ job, map, presets, cwd }: HandlerParts): Promise<BundledHandler> {
  const esbuild = await import("esbuild");
  const build = { ...oneModule, absWorkingDir: cwd };
  try {
    if (map !== undefined) {
      await checkFile(map, cwd);
      // Alone first: what is wrong with it is told as of it.
      const alone = { ...build, entryPoints: [resolve(cwd, map)], metafile: true as const };
      const { metafile } = await esbuild.build({ ...alone, plugins: [thisInstallation()] });
      checkDefaultExport(map, Object.values(metafile.outputs)[0]?.exports ?? []);
    }
    const { outputFiles, warnings } = await esbuild.build({
      ...build,
      stdin: { contents: entry(map, cwd), resolveDir: ownFolder, sourcefile: "fnmesh-trigger.mjs" },
      outfile: resolve(cwd, "index.mjs"), // Never written: sources in the map are relative to it.
      // CommonJS packages inside an ES module call `require` for Node's own modules.
      banner: { js: requireLine },
      // Also without the comments that name each module by its path: the same wherever fnmesh is installed.
      minifyWhitespace: true,
      sourcemap: "linked",
      sourcesContent: false,
      plugins: [partsPlugin({ job, presets }), thisInstallation()],
    });
    const textOf = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))!.text;
    return { code: textOf(".mjs"), map: textOf(".map"), warnings: warnings.map(describeMessage) };
  } catch (error) {
    throw buildError(map ?? "the trigger", error);
  } finally {
    // esbuild keeps a process of its own for the next build: there is none.
    await esbuild.stop();
  }
}

const requireLine =
  'import { createRequire as __fnmeshRequire } from "node:module"; const require = __fnmeshRequire(import.meta.url);';

async function checkFile(map: string, cwd: string): Promise<void> {
  const path = resolve(cwd, map);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  throw new FnmeshError("USAGE", `there is no map at ${map}`, {
    hint: `Looked for ${path}. Name a module whose default export says which job an item is.`,
  });
}

function checkDefaultExport(map: string, names: readonly string[]): void {
  if (names.includes("default")) return;
  const has = names.length === 0 ? "it exports nothing" : `it exports ${names.slice(0, 5).join(", ")}`;
  throw new FnmeshError("JOB_INVALID", `${map} has no default export: ${has}`, {
    hint: "Write `export default (item) => ({ workers: 4, input: [item.source] })`.",
  });
}

const parts = "fnmesh:parts";

const entry = (map: string | undefined, cwd: string): string =>
  [
    'import { triggerOf } from "fnmesh/trigger";',
    `import parts from "${parts}";`,
    ...(map === undefined ? [] : [`import map from ${JSON.stringify(resolve(cwd, map))};`]),
    `export const handler = triggerOf(process.env, { ...parts${map === undefined ? "" : ", map"} });`,
  ].join("\n");

/** What the entry imports as data. */
const partsPlugin = ({ job, presets }: Pick<HandlerParts, "job" | "presets">): Plugin => ({
  name: "parts",
  setup(build) {
    const namespace = "fnmesh-parts";
    build.onResolve({ filter: new RegExp(`^${parts}$`) }, ({ path }) => ({ path, namespace }));
    build.onLoad({ filter: /.*/, namespace }, () => {
      const { name, code, modules } = job;
      return { contents: JSON.stringify({ job: { name, code, modules }, presets }), loader: "json" };
    });
  },
});
