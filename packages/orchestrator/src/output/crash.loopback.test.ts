import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileOutput } from "./file-output.ts";

let folder: string;
let committer: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-crash-"));
  committer = join(folder, "committer.mjs");
  await build({
    entryPoints: [fileURLToPath(new URL("./testing/fixture-committer.ts", import.meta.url))],
    outfile: committer,
    bundle: true,
    platform: "node",
    format: "esm",
    conditions: ["source"],
  });
});
afterAll(() => rm(folder, { recursive: true }));

const wholeBytes = 8 * 256 * 1024;

/** Lets a process commit again and again, and kills it so long after its first commit. */
async function killedAfter(target: string, delayMs: number): Promise<void> {
  const child = spawn(process.execPath, [committer, target], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill("SIGKILL");
  await once(child, "exit");
}

it("a process killed at any moment leaves a whole output, and the next start removes its scratch files", async () => {
  const target = join(folder, "out.txt");
  // Moments spread over several commits, each of which takes some milliseconds.
  for (const delayMs of [0, 1, 2, 3, 5, 8, 13, 21]) {
    await killedAfter(target, delayMs);
    const content = await readFile(target);
    expect(content.length).toBe(wholeBytes);
    expect(content.equals(Buffer.alloc(wholeBytes, content[0]))).toBe(true);
  }
  await (await fileOutput(target)).discard();
  expect((await readdir(folder)).sort()).toEqual(["committer.mjs", "out.txt"]);
});
