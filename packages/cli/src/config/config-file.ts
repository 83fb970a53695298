// The file of settings: found from a folder upwards, bundled as a job is, and, unlike one, executed here.

import { statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FnmeshError } from "@fnmesh/core";
import type { Message } from "esbuild";
import { isBuildFailure, oneModule, thisInstallation, withRequire } from "../bundle-job/esbuild-parts.ts";

/** In the order of preference within one folder. */
export const configNames = [".ts", ".js", ".mjs", ".json"].map((extension) => `fnmesh.config${extension}`);

/** The nearest file of settings in a folder or above it. */
export function findConfigFile(folder: string): string | undefined {
  const owner = ownerOf(folder);
  for (let here = resolve(folder); ; here = dirname(here)) {
    const found = configNames.map((name) => join(here, name)).find((path) => isOurs(path, owner));
    if (found !== undefined || here === dirname(here)) return found;
  }
}

const ownerOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.uid;

/** The file is executed: one that a stranger has put above the job, say into /tmp, is not looked at. */
function isOurs(path: string, folderOwner: number | undefined): boolean {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found?.isFile()) return false;
  const trusted = [0, process.getuid?.() ?? found.uid, folderOwner];
  return trusted.includes(found.uid);
}

/** What the file exports. Rejects with INVALID_ARGUMENT; no message shows a line of the file, which may be a secret. */
export async function loadConfigFile(path: string, cwd: string): Promise<unknown> {
  const name = relative(cwd, path);
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) {
    throw new FnmeshError("INVALID_ARGUMENT", `there is no configuration at ${name}`, {
      hint: "Name a file that is there, or leave --config out to have it looked for.",
    });
  }
  const text = await bundle(path, name);
  // From its text alone, so that no file with secrets is left anywhere; errors name it by its own name.
  const url = `data:text/javascript;base64,${Buffer.from(`${text}\n//# sourceURL=${name}\n`).toString("base64")}`;
  const failed = (thrown: unknown) => {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new FnmeshError("INVALID_ARGUMENT", `${name} failed: ${message.replaceAll(url, name)}`, {
      hint: "It is executed here, before anything else starts; only Node's modules and what can be bundled are there.",
    });
  };
  const loaded = (await import(url).catch((thrown: unknown) => Promise.reject(failed(thrown)))) as object;
  if ("default" in loaded) return loaded.default;
  throw new FnmeshError("INVALID_ARGUMENT", `${name} has no default export`, {
    hint: 'Write `export default defineConfig({ … })`, with `import { defineConfig } from "fnmesh"`.',
  });
}

async function bundle(path: string, name: string): Promise<string> {
  const esbuild = await import("esbuild");
  try {
    const { outputFiles } = await esbuild.build({
      ...oneModule,
      entryPoints: [path],
      define: placeOf(path),
      plugins: [thisInstallation()],
    });
    return withRequire(outputFiles[0]!.text);
  } catch (error) {
    if (!isBuildFailure(error)) throw error;
    throw new FnmeshError("INVALID_ARGUMENT", `${name} does not compile: ${describe(error.errors[0]!)}`, {
      hint: "Correct the line and run again.",
    });
  } finally {
    await esbuild.stop();
  }
}

/** Where the module believes itself to be, as its text alone is loaded. */
const placeOf = (path: string) => ({
  "import.meta.url": JSON.stringify(pathToFileURL(path).href),
  "import.meta.dirname": JSON.stringify(dirname(path)),
  "import.meta.filename": JSON.stringify(path),
});

/** Longer ones may be a text of the file, and not only punctuation or a keyword of the language. */
const mostQuoted = 6;

/** Line and column, and what is wrong, without what the file says there. */
export function describe({ text, location }: Pick<Message, "text" | "location">): string {
  const where = location === null ? "" : `line ${location.line}, column ${location.column + 1}: `;
  if (/^Could not resolve "[^"]*"$/.test(text)) return where + text;
  return where + text.replaceAll(/"(?:[^"\\]|\\.)*"/g, (all) => (all.length <= mostQuoted ? all : '"…"'));
}
