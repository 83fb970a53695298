// A platform's bundle as the build makes it, from the sources as they are.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const root = join(import.meta.dirname, "../../..");

/** `platform`: a folder of packages/providers/src. */
export async function functionBundle(platform: string): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-entry-"));
  const path = join(folder, "entry.cjs");
  await build({
    entryPoints: [join(root, "packages/providers/src", platform, "entry.ts")],
    outfile: path,
    bundle: true,
    minify: true,
    platform: "node",
    target: "node20.19",
    format: "cjs",
    conditions: ["source"],
    logLevel: "warning",
  });
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
