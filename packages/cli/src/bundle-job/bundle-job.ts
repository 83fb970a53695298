// The user's module, with all that it imports, as one ES module in text: what every worker loads. It is built and
// looked at, never executed: the job's code runs in workers only.

import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FnmeshError } from "@fnmesh/core";
import type { BuildOptions, Metafile, OutputFile } from "esbuild";
import { buildError, describeMessage } from "./compile-error.ts";
import {
  type DriverModules,
  driversImport,
  driversPlugin,
  exportsOf,
  type Travelling,
} from "./driver-modules.ts";
import { withRequireAndMap } from "./esbuild-parts.ts";
import { type LibraryModule, libraryPlugin } from "./library-module.ts";
import { ownModules } from "./own-modules.ts";

export interface BundledJob {
  /** For the report: the file's name, or its folder's if the file is called job, index or main. */
  readonly name: string;
  /** One ES module. */
  readonly code: string;
  /** Modules that it asks its runtime for when it needs them, by their hashes. */
  readonly modules: readonly string[];
  /** What esbuild found odd, ready to be shown. */
  readonly warnings: readonly string[];
}

export interface BundleOptions {
  /** Paths are taken, and shown, from here. Default: the process's own. */
  readonly cwd?: string;
  /** Stores' drivers that go along, as the module's export `stores`. Default: none, and no such export. */
  readonly drivers?: DriverModules;
  /** What reads its input, as the module's export `openInput`. The same. */
  readonly input?: string | undefined;
}

/**
 * Bundles a job's module. Rejects with JOB_NOT_FOUND, JOB_COMPILE (with file, line and column) or JOB_INVALID (no
 * default export).
 *
 * @example
 * const { name, code } = await bundleJob("examples/reduce-by-key/job.ts");
 */
export async function bundleJob(job: string, options: BundleOptions = {}): Promise<BundledJob> {
  const cwd = options.cwd ?? process.cwd();
  const path = resolve(cwd, job);
  await checkJobFile(job, cwd);
  const travelling = { stores: options.drivers ?? {}, input: options.input };
  const { text, map, libraries, warnings } = await buildWith(travelling, job, path, cwd);
  const code = withRequireAndMap(text, JSON.parse(map));
  const modules = libraries.filter(({ hash }) => code.includes(hash)).map(({ text }) => text);
  return { name: jobName(path), code, modules, warnings: warnings.map(describeMessage) };
}

/** Throws JOB_NOT_FOUND unless the path is a file. Cheap: callers may ask before they do anything slow. */
export async function checkJobFile(job: string, cwd: string = process.cwd()): Promise<void> {
  const path = resolve(cwd, job);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return;
  if (found?.isDirectory()) {
    throw new FnmeshError("JOB_NOT_FOUND", `${job} is a folder, not a job's file`, {
      hint: `Name the file in it: fnmesh run ${job.replace(/\/$/, "")}/job.ts`,
    });
  }
  throw new FnmeshError("JOB_NOT_FOUND", `there is no job at ${job}`, {
    hint: `Looked for ${path}. Name a module whose default export is a job.`,
  });
}

async function buildWith(travelling: Travelling, job: string, path: string, cwd: string) {
  const esbuild = await import("esbuild");
  const alone = async () => {
    const built = await build(esbuild, { entryPoints: [path], absWorkingDir: cwd });
    checkDefaultExport(job, built.metafile);
    return built;
  };
  try {
    if (exportsOf(travelling).length === 0) return await alone();
    return await build(esbuild, { ...entryWith(travelling, path), absWorkingDir: cwd }).catch(
      async (error) => {
        // What is wrong with the job is told as of the job alone.
        await alone();
        throw driversError(error as Error);
      },
    );
  } catch (error) {
    throw buildError(job, error);
  } finally {
    // esbuild keeps a process of its own for the next build: there is none.
    await esbuild.stop();
  }
}

const driversError = (cause: Error) =>
  new FnmeshError("PROVIDER_UNAVAILABLE", `the stores' drivers cannot be bundled: ${cause.message}`, {
    cause,
    hint: "Install fnmesh again: its package @fnmesh/stores is not whole.",
  });

/** The job as it is, and the drivers beside it. */
const entryWith = (travelling: Travelling, path: string) => ({
  stdin: {
    contents: `export { default } from ${JSON.stringify(path)};\nexport { ${exportsOf(travelling).join(", ")} } from "${driversImport}";\n`,
    resolveDir: dirname(path),
    sourcefile: "fnmesh-job.mjs",
  },
  plugins: [driversPlugin(travelling)],
});

async function build(
  esbuild: typeof import("esbuild"),
  { plugins = [], ...asked }: BuildOptions & { readonly absWorkingDir: string },
) {
  const { absWorkingDir: cwd } = asked;
  const libraries: LibraryModule[] = [];
  const result = await esbuild.build({
    ...asked,
    outfile: resolve(cwd, "fnmesh-job.mjs"), // never written: sources in the source map are relative to it
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    treeShaking: true,
    charset: "utf8",
    // Also without the comments that name each module by its path: a job is the same wherever fnmesh is installed.
    minifyWhitespace: true,
    metafile: true,
    sourcemap: "external",
    sourcesContent: false,
    sourceRoot: pathToFileURL(`${cwd}/`).href,
    logLevel: "silent",
    plugins: [...plugins, ownModules, libraryPlugin((made) => libraries.push(made))],
  });
  return {
    text: textOf(result.outputFiles, ".mjs"),
    map: textOf(result.outputFiles, ".map"),
    libraries,
    metafile: result.metafile,
    warnings: result.warnings,
  };
}

const textOf = (files: readonly OutputFile[], extension: string): string =>
  files.find(({ path }) => path.endsWith(extension))!.text;

function checkDefaultExport(job: string, metafile: Metafile): void {
  const entry = Object.values(metafile.outputs).find((output) => output.entryPoint !== undefined);
  const names = entry?.exports ?? [];
  if (names.includes("default")) return;
  const has = names.length === 0 ? "it exports nothing" : `it exports ${names.slice(0, 5).join(", ")}`;
  throw new FnmeshError("JOB_INVALID", `${job} has no default export: ${has}`, {
    hint: 'Write `export default defineJob({ async run(worker) { … } })`, with `import { defineJob } from "fnmesh"`.',
  });
}

const namesThatSayNothing = new Set(["job", "index", "main"]);

function jobName(path: string): string {
  const name = basename(path, extname(path));
  const folder = basename(dirname(path));
  return namesThatSayNothing.has(name) && folder !== "" ? folder : name;
}
