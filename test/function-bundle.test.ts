// What a function loads at its cold start: the local provider's entry, bundled as for a cloud. Nothing but core, the
// entry's own folder may be inside, and it must stay small.

import { join } from "node:path";
import { build } from "esbuild";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** A cold start reads and compiles all of it: 80 KB take a few milliseconds. */
const mostBytes = 80_000;

const allowed = /^(packages\/core\/src\/(?!testing\/)|packages\/providers\/src\/local\/)/;

async function bundle(entry: string) {
  const result = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    minify: true,
    metafile: true,
    write: false,
    logLevel: "silent",
    platform: "node",
    target: "node20",
    format: "cjs",
    conditions: ["source"],
  });
  const [output] = Object.values(result.metafile.outputs);
  const inside = Object.entries(output!.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  const needed = output!.imports.map(({ path }) => path);
  return { bytes: output!.bytes, files: inside.map(([file]) => file), needed };
}

it("the function's bundle holds core and its entry alone, and is below 80 KB", async () => {
  const { bytes, files, needed } = await bundle("packages/providers/src/local/entry.ts");
  process.stdout.write(`function bundle: ${bytes} bytes of at most ${mostBytes}, ${files.length} files\n`);
  expect(files.filter((file) => !allowed.test(file))).toEqual([]);
  expect(files).toContain("packages/providers/src/local/entry.ts");
  expect(files.some((file) => file.startsWith("packages/core/src/worker/"))).toBe(true);
  // What is left to be loaded at run time comes with Node.
  expect(needed.filter((path) => !path.startsWith("node:"))).toEqual([]);
  expect(bytes).toBeLessThan(mostBytes);
});

it("the check can fail: another entry brings more than a function may have", async () => {
  const { files } = await bundle("packages/core/src/testing/index.ts");
  expect(files.filter((file) => !allowed.test(file))).not.toEqual([]);
});
