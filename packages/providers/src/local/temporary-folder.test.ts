import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeTemporaryFolder, removeTemporaryFolder, sweepTemporaryFolders } from "./temporary-folder.ts";

test("a sweep takes what is older than any worker, and leaves the rest", async () => {
  const [old, young] = [makeTemporaryFolder(), makeTemporaryFolder()];
  await writeFile(join(old, "left"), "behind");
  const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
  await utimes(old, twoHoursAgo, twoHoursAgo);
  await sweepTemporaryFolders();
  expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
  await removeTemporaryFolder(young);
  expect(existsSync(young)).toBe(false);
});

test("a sweep takes at once what a process has left that is no more", async () => {
  const { pid } = spawnSync("true");
  const mine = makeTemporaryFolder();
  const left = mine.replace(`-${process.pid}-`, `-${pid}-`);
  mkdirSync(left);
  await sweepTemporaryFolders();
  expect([existsSync(left), existsSync(mine)]).toEqual([false, true]);
  await removeTemporaryFolder(mine);
});
