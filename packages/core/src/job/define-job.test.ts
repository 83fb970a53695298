import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineJob } from "./define-job.ts";
import type { RuntimeWorker } from "./job.ts";

const runtime = (params: Record<string, string> = {}) =>
  ({ rank: 1, size: 3, params, peers: {} }) as unknown as RuntimeWorker;

describe("params", () => {
  const job = defineJob({
    params: z.object({ top: z.coerce.number().int().max(9), name: z.string().optional() }),
    run: async ({ params }) => params.top + 1,
  });

  test("are checked and converted by the job's schema", async () => {
    expect(await job.run(runtime({ top: "4" }))).toBe(5);
  });

  test("that are wrong are told of, each by its name", async () => {
    await expect(job.run(runtime({ top: "ten" }))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
      message: expect.stringContaining("top: "),
      hint: expect.stringContaining("--param"),
    });
  });

  test("go through as they are without a schema", async () => {
    expect(await defineJob({ run: async ({ params }) => params }).run(runtime({ a: "1" }))).toEqual({
      a: "1",
    });
  });
});

describe("scratch", () => {
  test("is a folder of this run alone, which is gone afterwards, whatever run did", async () => {
    const folders: string[] = [];
    const job = defineJob({
      async run({ scratch, params }) {
        const folder = await scratch();
        await writeFile(join(folder, "part"), "x");
        folders.push(folder, await scratch());
        if (params.fail) throw new Error("failed");
      },
    });
    await job.run(runtime());
    await expect(job.run(runtime({ fail: "1" }))).rejects.toThrow("failed");
    expect(new Set(folders).size).toBe(4);
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });
});

describe("a runtime without collectives", () => {
  test("runs a job that needs none, and tells one that does", async () => {
    const needs = defineJob({ run: ({ allReduce }) => allReduce(1, "sum") });
    expect(await defineJob({ run: async ({ rank }) => rank }).run(runtime())).toBe(1);
    await expect(needs.run(runtime())).rejects.toMatchObject({ code: "VERSION" });
  });
});
