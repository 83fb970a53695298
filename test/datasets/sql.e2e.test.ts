// Datasets against an independent engine: the same questions to the same files, over 1, 7 and 16 workers, by the
// command.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectAlike } from "./support/alike.ts";
import type { Answers } from "./support/queries.ts";
import { runJob } from "./support/run-job.ts";
import { isFull } from "./support/size.ts";
import { sql } from "./support/sql.ts";
import { openEngine } from "./support/sqlite.ts";
import { writeTables } from "./support/table-files.ts";

/** TPC-H's scale factor: 108 MB, or 21. */
const scale = isFull ? 0.1 : 0.01;
const seed = 1;

let folder: string;
const wanted: Record<string, readonly (readonly unknown[])[]> = {};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-tables-"));
  const engine = await openEngine(writeTables(folder, scale, seed));
  for (const [name, { text }] of Object.entries(sql)) wanted[name] = engine.rows(text);
  engine.close();
}, 240_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the engine finds something for each question", () => {
  for (const [name, rows] of Object.entries(wanted)) {
    expect(rows.length, name).toBeGreaterThan(0);
    expect(
      rows.flat().some((value) => value !== null && value !== 0),
      name,
    ).toBe(true);
  }
});

describe.each([1, 7, 16])("over %i workers", (workers) => {
  test("datasets answer as the engine does", async () => {
    const answers = await runJob<Answers>("queries.ts", { workers, input: join(folder, "*") });
    expect(Object.keys(answers).sort()).toEqual(Object.keys(sql).sort());
    for (const [name, rows] of Object.entries(answers)) {
      expectAlike(name, rows, wanted[name]!, sql[name]!.ordered ?? false);
    }
  }, 240_000);
});
