// Builds a fixture to one file, in the way in which the real entry is built.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export interface BuiltFixture {
  readonly path: string;
  remove(): Promise<void>;
}

export async function buildFixture(source: string, format: "cjs" | "esm" = "cjs"): Promise<BuiltFixture> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-fixture-"));
  const path = join(folder, format === "cjs" ? "fixture.cjs" : "fixture.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    outfile: path,
    bundle: true,
    platform: "node",
    target: "node20",
    format,
    conditions: ["source"],
  });
  return { path, remove: () => rm(folder, { recursive: true }) };
}
