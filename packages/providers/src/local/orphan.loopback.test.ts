import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type BuiltFixture, buildFixture } from "./testing/fixture-entry.ts";

let worker: BuiltFixture;
let parent: BuiltFixture;

beforeAll(async () => {
  worker = await buildFixture("./fixture-worker.ts");
  parent = await buildFixture("./fixture-parent.ts", "esm");
});
afterAll(async () => {
  await worker.remove();
  await parent.remove();
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it.each([
  ["the kernel's death signal", []],
  ["its own look at its parent", ["no death signal"]],
])("a worker that blocks its event loop dies with a killed parent, by %s", async (_way, args) => {
  const child = spawn(process.execPath, [parent.path, worker.path, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await new Promise<number>((resolve) => {
    createInterface(child.stdout).on("line", (line) => resolve(Number(line.replace("started ", ""))));
  });
  expect(isAlive(pid)).toBe(true);
  child.kill("SIGKILL");
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});
