// fnmesh's own modules as they go along in a job: small, and without a source map. A user's errors are told in the
// user's lines; what happens inside fnmesh is named by its messages.

import { readFile } from "node:fs/promises";
import { dirname, extname, sep } from "node:path";
import type { Loader, Plugin } from "esbuild";
import { thisInstallation, unmapped } from "./esbuild-parts.ts";

const loaders: Readonly<Record<string, Loader>> = { ".ts": "ts", ".js": "js", ".mjs": "js" };

/** For whichever fnmesh the job imports: all that is in the folders of what it finds by that name. */
export const ownModules: Plugin = {
  name: "own-modules",
  async setup(build) {
    const folders = new Set<string>();
    await thisInstallation((path) => folders.add(dirname(path) + sep)).setup(build);
    build.onLoad({ filter: /\.(?:ts|m?js)$/, namespace: "file" }, async ({ path }) => {
      if (![...folders].some((folder) => path.startsWith(folder))) return undefined;
      const { code } = await build.esbuild.transform(await readFile(path, "utf8"), {
        loader: loaders[extname(path)]!,
        format: "esm",
        target: "node20",
        minify: true,
        charset: "utf8",
      });
      return { contents: unmapped(code), loader: "js" };
    });
  },
};
