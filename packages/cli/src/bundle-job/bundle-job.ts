// The user's module, with all that it imports, as one ES module in text: what every worker loads. It is built and
// looked at, never executed: the job's code runs in workers only.

import { stat } from "node:fs/promises";
import { basename, dirname, extname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { FnmeshError } from "@fnmesh/core";
import type { BuildFailure, Metafile, OutputFile, Plugin } from "esbuild";
import { compileError, describeMessage } from "./compile-error.ts";

export interface BundledJob {
  /** For the report: the file's name, or its folder's if the file is called job, index or main. */
  readonly name: string;
  /** One ES module. */
  readonly code: string;
  /** What esbuild found odd, ready to be shown. */
  readonly warnings: readonly string[];
}

export interface BundleOptions {
  /** Paths are taken, and shown, from here. Default: the process's own. */
  readonly cwd?: string;
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
  const { output, metafile, warnings } = await build(job, path, cwd);
  checkDefaultExport(job, metafile);
  return { name: jobName(path), code: withRequire(output.text), warnings: warnings.map(describeMessage) };
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

async function build(job: string, path: string, cwd: string) {
  const esbuild = await import("esbuild");
  try {
    const result = await esbuild.build({
      absWorkingDir: cwd,
      entryPoints: [path],
      outfile: resolve(cwd, "fnmesh-job.mjs"), // never written: sources in the source map are relative to it
      write: false,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      treeShaking: true,
      charset: "utf8",
      metafile: true,
      sourcemap: "inline",
      sourcesContent: false,
      sourceRoot: pathToFileURL(`${cwd}/`).href,
      logLevel: "silent",
      plugins: [thisInstallation],
    });
    return {
      output: result.outputFiles[0] as OutputFile,
      metafile: result.metafile,
      warnings: result.warnings,
    };
  } catch (error) {
    if (isBuildFailure(error)) throw compileError(job, error.errors);
    throw new FnmeshError("PROVIDER_UNAVAILABLE", `esbuild cannot run: ${(error as Error).message}`, {
      cause: error,
      hint: "Install again without --no-optional and on this platform; `fnmesh doctor` checks it.",
    });
  } finally {
    // esbuild keeps a process of its own for the next build: there is none.
    await esbuild.stop();
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** Run from source (tests of this workspace), the packages resolve to their sources too. */
const conditions = import.meta.url.endsWith(".ts") ? ["source", "module"] : ["module"];
const ownFolder = dirname(fileURLToPath(import.meta.url));

/** A job outside any project may import fnmesh too: it then gets the fnmesh that runs it. */
const thisInstallation: Plugin = {
  name: "this-installation",
  setup(build) {
    build.initialOptions.conditions = conditions;
    build.onResolve({ filter: /^(?:fnmesh|@fnmesh\/core)$/ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === thisInstallation) return undefined;
      const { importer, namespace, resolveDir, kind } = asked;
      const tries = { importer, namespace, kind, pluginData: thisInstallation };
      const theirs = await build.resolve(path, { ...tries, resolveDir });
      if (theirs.errors.length === 0) return theirs;
      const ours = await build.resolve(path, { ...tries, resolveDir: ownFolder });
      return ours.errors.length === 0 ? ours : theirs;
    });
  },
};

function checkDefaultExport(job: string, metafile: Metafile): void {
  const entry = Object.values(metafile.outputs).find((output) => output.entryPoint !== undefined);
  const names = entry?.exports ?? [];
  if (names.includes("default")) return;
  const has = names.length === 0 ? "it exports nothing" : `it exports ${names.slice(0, 5).join(", ")}`;
  throw new FnmeshError("JOB_INVALID", `${job} has no default export: ${has}`, {
    hint: 'Write `export default defineJob({ async run(worker) { … } })`, with `import { defineJob } from "fnmesh"`.',
  });
}

/**
 * CommonJS packages inside an ES module call `require` for Node's own modules, and ES modules have none: give them one.
 * It goes before the first line, not above it, so the source map stays true; esbuild keeps the name `require` free.
 */
function withRequire(code: string): string {
  if (!code.includes("var __require = ")) return code;
  return `import { createRequire as __fnmeshRequire } from "node:module"; var require = __fnmeshRequire(process.execPath); ${code}`;
}

const namesThatSayNothing = new Set(["job", "index", "main"]);

function jobName(path: string): string {
  const name = basename(path, extname(path));
  const folder = basename(dirname(path));
  return namesThatSayNothing.has(name) && folder !== "" ? folder : name;
}
