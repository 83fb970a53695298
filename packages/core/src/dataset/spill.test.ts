import { readSync } from "node:fs";
import { expect, it } from "vitest";
import { createHeap } from "./garbage.ts";
import { SpillFile } from "./spill.ts";

const rows = Array.from({ length: 500 }, (_, index) => [index, `row ${index}`]);

/** A disk that gives so many bytes of what it is asked for. */
const giving = (most: number) => ({
  readSync: ((file, buffer, offset, length, at) =>
    readSync(file, buffer, offset, Math.min(length, most), at)) as typeof readSync,
});

it("blocks come back as they were, in any order, also from a disk that gives them by pieces", () => {
  const file = new SpillFile(giving(1000));
  const [first, second] = [file.write(rows), file.write(rows.slice(0, 3))];
  expect(file.read(second)).toEqual(rows.slice(0, 3));
  expect(file.read(first)).toEqual(rows);
  expect([...file.rowsOf([second, first])]).toEqual([...rows.slice(0, 3), ...rows]);
  file.close();
  file.close();
});

it("a block that has become shorter is an error", () => {
  const file = new SpillFile(giving(0));
  const place = file.write(rows);
  expect(() => file.read(place)).toThrow(expect.objectContaining({ code: "TRUNCATED" }));
  file.close();
});

it("a row that was handed out is not kept by the rows beside it", async () => {
  const file = new SpillFile();
  const handedOut = file.rowsOf([file.write(rows)]);
  const first = new WeakRef(handedOut.next().value as object);
  expect(handedOut.next().value).toEqual(rows[1]);
  // What was read in a turn lives until its end.
  await new Promise(setImmediate);
  createHeap().collect();
  expect(first.deref()).toBeUndefined();
  expect(handedOut.next().value).toEqual(rows[2]);
  file.close();
});
