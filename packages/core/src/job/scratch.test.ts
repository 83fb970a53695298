import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { openScratch } from "./scratch.ts";

/** As if a process that is no more had made it. */
function orphanOf(folder: string): string {
  const { pid } = spawnSync("true");
  return folder.replace(`-${process.pid}-`, `-${pid}-`);
}

test("what a process has left that is no more goes with the next one, and nobody else's does", async () => {
  const mine = await openScratch();
  const left = orphanOf(mine);
  mkdirSync(left);
  await writeFile(join(left, "part"), "behind");
  const next = await openScratch();
  expect([existsSync(left), existsSync(mine), existsSync(next)]).toEqual([false, true, true]);
  for (const folder of [mine, next]) await rm(folder, { recursive: true });
});

/** What `openScratch` gives to another process: one that may do less, where this one is root's. */
async function openedByAnother(temporary: string, before: string): Promise<string> {
  const entry = `import { mkdirSync } from "node:fs"; import { openScratch } from "./scratch.ts";
    ${before}; process.stdout.write(await openScratch());`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: import.meta.dirname },
    ...({ bundle: true, platform: "node", format: "esm", write: false } as const),
  });
  const nobody = process.getuid!() === 0 ? { uid: 65_534 } : {};
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", outputFiles![0]!.text],
    { ...nobody, cwd: temporary, env: { TMPDIR: temporary }, encoding: "utf8" },
  );
  expect(stderr).toBe("");
  return stdout;
}

test("what may not be removed stays, and keeps nobody from a folder", async () => {
  // A place for everybody's temporary files, as /tmp is one.
  const place = mkdtempSync(join(tmpdir(), "fnmesh-test-"));
  const ours = await openScratch();
  const orphan = join(place, basename(orphanOf(ours)));
  const [theirs, own] = [`${orphan}-theirs`, `${orphan}-~own`];
  const inner = join(theirs, "inner");
  try {
    chmodSync(place, 0o1777);
    mkdirSync(inner, { recursive: true });
    await writeFile(join(inner, "part"), "behind");
    chmodSync(inner, 0);
    const mine = await openedByAnother(place, `mkdirSync(${JSON.stringify(own)})`);
    expect([existsSync(theirs), existsSync(own), existsSync(mine)]).toEqual([true, false, true]);
  } finally {
    chmodSync(inner, 0o700);
    for (const folder of [place, ours]) rmSync(folder, { recursive: true });
  }
});
