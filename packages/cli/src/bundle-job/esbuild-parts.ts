// What every use of esbuild here has in common: how fnmesh itself is found, and what CommonJS packages miss.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildFailure, Plugin } from "esbuild";

export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && Array.isArray((error as Partial<BuildFailure>).errors);
}

/** Run from source (tests of this workspace), the packages resolve to their sources too. */
export const conditions = import.meta.url.endsWith(".ts") ? ["source", "module"] : ["module"];
export const ownFolder = dirname(fileURLToPath(import.meta.url));

/** One ES module for Node, as text. */
export const oneModule = {
  write: false,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  charset: "utf8",
  logLevel: "silent",
} as const;

/** The same of fnmesh's own parts, made small: nobody reads their stack traces by name. */
export const oneSmallModule = { ...oneModule, minify: true, legalComments: "none", conditions } as const;

/**
 * A map that knows of an empty first line alone, so that nothing below it is mapped: the job's map, which every worker
 * gets, stays as small as the user's part of the job.
 */
const emptyMap = { version: 3, sources: ["fnmesh"], names: [], mappings: "AAAA" };
export const unmapped = (text: string): string => withMap(`\n${text}`, emptyMap);

interface SourceMap {
  /** Of which only this is looked at: a `;` for the end of each line. */
  readonly mappings: string;
}

const withMap = (text: string, map: SourceMap): string =>
  `${text}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(map)).toString("base64")}\n`;

/**
 * A job outside any project may import fnmesh too: it then gets the fnmesh that runs it. `onFound` is told each module
 * that is found by one of its names.
 */
export const thisInstallation = (onFound: (path: string) => void = () => {}): Plugin => ({
  name: "this-installation",
  setup(build) {
    const asIs = Symbol("as it is");
    build.initialOptions.conditions = conditions;
    build.onResolve(
      { filter: /^(?:fnmesh(?:\/trigger)?|@fnmesh\/core)$/ },
      async ({ path, pluginData, ...asked }) => {
        if (pluginData === asIs) return undefined;
        const { importer, namespace, resolveDir, kind } = asked;
        const tries = { importer, namespace, kind, pluginData: asIs };
        const theirs = await build.resolve(path, { ...tries, resolveDir });
        const ours = () => build.resolve(path, { ...tries, resolveDir: ownFolder });
        const found = theirs.errors.length === 0 ? theirs : await ours();
        if (found.errors.length > 0) return theirs;
        onFound(found.path);
        return found;
      },
    );
  },
});

/**
 * CommonJS packages inside an ES module call `require` for Node's own modules, and ES modules have none: they get one on
 * a line above; esbuild keeps the name `require` free.
 */
export const withRequire = (text: string): string => `${lineAbove(text)}${text}`;

/** The same with the text's source map, inline. */
export const withRequireAndMap = (text: string, map: SourceMap): string =>
  lineAbove(text) === ""
    ? withMap(text, map)
    : withMap(withRequire(text), { ...map, mappings: `;${map.mappings}` });

const lineAbove = (text: string): string =>
  /\bvar __require ?=/.test(text)
    ? 'import { createRequire as __fnmeshRequire } from "node:module"; var require = __fnmeshRequire(process.execPath);\n'
    : "";
