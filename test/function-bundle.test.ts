// What a function loads at its cold start: the platforms' entries, bundled as for a cloud. Nothing but core, the entry's
// own folder and what platforms share may be inside, no SDK, and it must stay small.

import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

interface Limits {
  readonly platform: string;
  /** Of packages/providers/src. */
  readonly folders: readonly string[];
  /** A cold start reads and compiles all of it: 80 KB take a few milliseconds. */
  readonly mostBytes: number;
}

const limits: readonly Limits[] = [
  { platform: "local", folders: ["local"], mostBytes: 80_000 },
  { platform: "container", folders: ["container", "kit"], mostBytes: 150_000 },
  { platform: "google", folders: ["google", "kit"], mostBytes: 150_000 },
  { platform: "knative", folders: ["knative", "kit"], mostBytes: 150_000 },
  { platform: "kubeless", folders: ["kubeless", "kit"], mostBytes: 150_000 },
  { platform: "aws", folders: ["aws", "kit"], mostBytes: 150_000 },
  { platform: "azure", folders: ["azure", "kit"], mostBytes: 150_000 },
  { platform: "openwhisk", folders: ["openwhisk", "kit"], mostBytes: 150_000 },
  { platform: "oracle", folders: ["oracle", "kit"], mostBytes: 150_000 },
];

const isCore = (file: string) => /^packages\/core\/src\/(?!testing\/)/.test(file);
const stray = (folders: readonly string[], files: readonly string[]) => {
  const rooms = folders.map((folder) => `packages/providers/src/${folder}/`);
  return files.filter((file) => !isCore(file) && !rooms.some((room) => file.startsWith(room)));
};

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

describe.each(limits)("the function's bundle for $platform", ({ platform, folders, mostBytes }) => {
  it(`holds core and what the platform needs alone, and is below ${mostBytes} bytes`, async () => {
    const entry = `packages/providers/src/${platform}/entry.ts`;
    const { bytes, files, needed } = await bundle(entry);
    process.stdout.write(`${platform}: ${bytes} bytes of at most ${mostBytes}, ${files.length} files\n`);
    expect(stray(folders, files)).toEqual([]);
    expect(files).toContain(entry);
    expect(files.some((file) => file.startsWith("packages/core/src/worker/"))).toBe(true);
    // What is left to be loaded at run time comes with Node.
    expect(needed.filter((path) => !path.startsWith("node:"))).toEqual([]);
    expect(bytes).toBeLessThan(mostBytes);
  });
});

it("every bundle that is built is in the table", async () => {
  const table = new URL("../scripts/lib/packages.mjs", import.meta.url).href;
  const { functionBundles } = (await import(table)) as { functionBundles: readonly { to: string }[] };
  const built = functionBundles.map(({ to }) => to);
  expect(built.sort()).toEqual(limits.map(({ platform }) => `${platform}/entry.cjs`).sort());
});

it("the check can fail: another entry brings more than a function may have", async () => {
  const { files } = await bundle("packages/core/src/testing/index.ts");
  expect(stray(["aws", "kit"], files)).not.toEqual([]);
});
