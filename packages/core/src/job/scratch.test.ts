import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openScratch } from "./scratch.ts";

test("what a process has left that is no more goes with the next one, and nobody else's does", async () => {
  const { pid } = spawnSync("true");
  const mine = await openScratch();
  const left = mine.replace(`-${process.pid}-`, `-${pid}-`);
  mkdirSync(left);
  await writeFile(join(left, "part"), "behind");
  const next = await openScratch();
  expect([existsSync(left), existsSync(mine), existsSync(next)]).toEqual([false, true, true]);
  for (const folder of [mine, next]) await rm(folder, { recursive: true });
});
