// fnmesh's library as it goes with a job: not in the job's code, as most workers start without a use for it, but as a
// module of its own, which all jobs of one fnmesh have in common and a container loads once.

import { createHash } from "node:crypto";
import type { Plugin } from "esbuild";
import { oneSmallModule, unmapped } from "./esbuild-parts.ts";

export interface LibraryModule {
  /** SHA-256, hex: how the job's code asks for it. */
  readonly hash: string;
  readonly text: string;
}

/** Puts in the place of `@fnmesh/core/library` what fetches it, and tells of each that it has made. */
export const libraryPlugin = (onMade: (module: LibraryModule) => void): Plugin => ({
  name: "library",
  setup(build) {
    const namespace = "fnmesh-library";
    build.onResolve({ filter: /^@fnmesh\/core\/library$/ }, async ({ path, pluginData, ...asked }) => {
      if (pluginData === namespace) return undefined;
      const { importer, resolveDir, kind } = asked;
      const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: namespace });
      return found.errors.length === 0 ? { path: found.path, namespace, sideEffects: false } : found;
    });
    build.onLoad({ filter: /.*/, namespace }, async ({ path }) => {
      const { outputFiles } = await build.esbuild.build({ ...oneSmallModule, entryPoints: [path] });
      const { contents, text } = outputFiles[0]!;
      const hash = createHash("sha256").update(contents).digest("hex");
      onMade({ hash, text });
      return { contents: unmapped(fetching({ hash, bytes: contents.length })) };
    });
  },
});

/** As packages/core/src/library has it; the symbol is that of peers/inner.ts. */
const fetching = (wanted: { readonly hash: string; readonly bytes: number }) =>
  `export const libraryOf = async (peers) =>
    (await peers[Symbol.for("fnmesh.inner")].load(${JSON.stringify(wanted)})).libraryOf(peers);`;
