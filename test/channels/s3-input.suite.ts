// Jobs whose input is in S3: planned by listing, read by the workers themselves.

import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
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
  const plannedTexts = async () => {
    for (const [key, text] of Object.entries(texts)) await putObject(settings(), key, text);
    return await planned("in/", Object.keys(texts));
  };
  /** What is under the prefix; the keys are removed in the end. */
  const planned = async (prefix: string, keys: readonly string[]) => {
    const { bucket, ...access } = settings();
    const catalog = s3Catalog({ access, signal: AbortSignal.timeout(50_000) });
    const objects = await expandObjects([`s3://${bucket}/${prefix}`], catalog);
    const plan = await planInput({ files: [], texts: objects, workers });
    onTestFinished(async () => {
      await plan.close();
      await catalog.close();
      await kit.store().remove(keys, AbortSignal.timeout(10_000));
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
      const input = await plannedTexts();
      const { report, warnings } = await play({ workers, channel: "direct", run, input, openInput: reader });
      expect({ error: report.error, warnings }).toEqual({ error: null, warnings: [] });
      expect(report.result).toEqual([...lines].sort());
      expect(getsOf(report.cost.lines)).toBe(gets);
      expect(input.inputUsage.gets).toBe(reader === undefined ? gets : 2);
      expect(JSON.stringify(report)).not.toContain(settings().secretAccessKey);
    });

    test("that AWS's own client has put, whole and in parts, comes as it is", async () => {
      const { bucket: Bucket, region, endpoint, ...credentials } = settings();
      const client = new S3Client({
        ...{ region, endpoint: endpoint!, credentials, forcePathStyle: true },
        // What only AWS itself understands is left out.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
      });
      onTestFinished(() => client.destroy());
      const long = Array.from({ length: 400_000 }, (_, index) => `part line ${index}\n`).join("");
      await client.send(new PutObjectCommand({ Bucket, Key: "sdk/a.txt", Body: "whole\nobject\n" }));
      const parted = { Bucket, Key: "sdk/b.txt" };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(parted));
      const cut = 5 * 1024 * 1024;
      const Parts = await Promise.all(
        [long.slice(0, cut), long.slice(cut)].map(async (Body, index) => {
          const PartNumber = index + 1;
          const { ETag } = await client.send(
            new UploadPartCommand({ ...parted, UploadId, PartNumber, Body }),
          );
          return { ETag, PartNumber };
        }),
      );
      await client.send(
        new CompleteMultipartUploadCommand({ ...parted, UploadId, MultipartUpload: { Parts } }),
      );
      const input = await planned("sdk/", ["sdk/a.txt", "sdk/b.txt"]);
      const count = async (worker: Worker) => datasets(worker).text().count();
      const { report } = await play({ workers, channel: "direct", run: count, input, openInput });
      expect(report.error).toBeNull();
      expect(report.result).toBe(400_002);
    });

    test("that is written to in mid-job fails it, with the object's name", async () => {
      const input = await plannedTexts();
      await putObject(settings(), "in/z.txt", "the last one has an END");
      const { report } = await play({ workers, channel: "direct", run, input, openInput });
      expect(report.error).toMatchObject({
        code: "INPUT_UNREADABLE",
        message: expect.stringMatching(/s3:\/\/.*\/in\/z\.txt changed while the job ran/),
      });
    });

    test("that a job does not read is not asked for", async () => {
      const input = await plannedTexts();
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
