// Jobs whose input is in S3: planned by listing, read by the workers themselves.

import { datasets, type Worker } from "@fnmesh/core";
import type { OpenInput } from "@fnmesh/core/internal";
import { expandObjects, planInput } from "@fnmesh/orchestrator";
import { type S3Settings, s3Catalog } from "@fnmesh/stores";
import { openInput } from "@fnmesh/stores/s3-input";
import { describe, expect, onTestFinished, test } from "vitest";
import { putObject } from "../../packages/stores/src/testing/bucket.ts";
import { s3Kit } from "../../packages/stores/src/testing/s3-kit.ts";
import { play } from "./play.suite.ts";

const texts: Readonly<Record<string, string>> = {
  "in/a b.txt": Array.from({ length: 3_000 }, (_, index) => `line ${index} of a\n`).join(""),
  "in/deep/ü%20.txt": Array.from(
    { length: 700 },
    (_, index) => `${"long ".repeat(index % 90)}${index}\n`,
  ).join(""),
  "in/empty.txt": "",
  "in/z.txt": "the last one has no end",
};
const lines = Object.values(texts).flatMap((text) => text.split("\n").filter((line) => line !== ""));
const workers = 3;

export function s3Input(settings: () => S3Settings): void {
  const kit = s3Kit(settings);
  const planned = async () => {
    for (const [key, text] of Object.entries(texts)) await putObject(settings(), key, text);
    const { bucket, ...access } = settings();
    const catalog = s3Catalog({ access, signal: AbortSignal.timeout(50_000) });
    const objects = await expandObjects([`s3://${bucket}/in/`], catalog);
    const plan = await planInput({ files: [], texts: objects, workers });
    onTestFinished(async () => {
      await plan.close();
      await catalog.close();
      await kit.store().remove(Object.keys(texts), AbortSignal.timeout(10_000));
    });
    return { input: plan.parts, sources: { s3: access }, inputUsage: catalog.usage };
  };
  const run = async (worker: Worker) =>
    await datasets(worker)
      .text()
      .sortBy((line) => line)
      .collect();
  const getsOf = (lines: readonly { item: string; quantity: number }[]) =>
    lines.find(({ item }) => item === "s3-get")?.quantity;

  describe("input", () => {
    test.each<[string, OpenInput | undefined, number]>([
      // Two cuts were looked up; a text that is cut once is two parts.
      ["by the workers themselves", openInput, 2 + 5],
      ["over their control connections, by code without a reader", undefined, 2 + 5],
    ])("comes with every line once, %s, and on the bill", async (_, reader, gets) => {
      const input = await planned();
      const { report, warnings } = await play({ workers, channel: "direct", run, input, openInput: reader });
      expect({ error: report.error, warnings }).toEqual({ error: null, warnings: [] });
      expect(report.result).toEqual([...lines].sort());
      expect(getsOf(report.cost.lines)).toBe(gets);
      expect(input.inputUsage.gets).toBe(reader === undefined ? gets : 2);
      expect(JSON.stringify(report)).not.toContain(settings().secretAccessKey);
    });

    test("that is written to in mid-job fails it, with the object's name", async () => {
      const input = await planned();
      await putObject(settings(), "in/z.txt", "the last one has an END");
      const { report } = await play({ workers, channel: "direct", run, input, openInput });
      expect(report.error).toMatchObject({
        code: "INPUT_UNREADABLE",
        message: expect.stringMatching(/s3:\/\/.*\/in\/z\.txt changed while the job ran/),
      });
    });

    test("that a job does not read is not asked for", async () => {
      const input = await planned();
      const count = async (worker: Worker) => datasets(worker).text({ files: "z.txt" }).count();
      const { report } = await play({
        workers,
        channel: "direct",
        run: count,
        input,
        openInput,
      });
      expect(report.result).toBe(1);
      expect(getsOf(report.cost.lines)).toBe(input.inputUsage.gets + 1);
    });
  });
}
