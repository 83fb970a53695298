import { inputSplit, nodeClock, nodeRandom, type ToldSplit } from "@fnmesh/core/internal";
import { expect, test } from "vitest";
import { aheadBytesFor, openInput } from "./open-input.ts";

const access = {
  endpoint: "http://127.0.0.1:1",
  region: "us-east-1",
  accessKeyId: "AKID",
  secretAccessKey: "canary",
};
const splits: readonly ToldSplit[] = [
  { name: "s3://bucket/one", bytes: 3, at: { offset: 7, version: "v1" } },
  { name: "file.txt", bytes: 4 },
  { name: "s3://bucket/unplaced", bytes: 8 },
  { name: "other://bucket/two", bytes: 3, at: { offset: 0, version: "v2" } },
  { name: "s3://bucket/empty", bytes: 0, at: { offset: 0, version: "v3" } },
];

const open = (signal = new AbortController().signal) =>
  openInput({
    splits,
    settings: { s3: access },
    memoryMb: 512,
    download: (index) =>
      inputSplit(splits[index]!, async function* () {
        yield Buffer.from(`download ${index}`);
      }),
    env: { clock: nodeClock, random: nodeRandom },
    signal,
  });

const textOf = async (split: { read(): Promise<Uint8Array> }) => Buffer.from(await split.read()).toString();

test("only splits with a place in S3 are read there; nothing is asked before they are", async () => {
  const input = open();
  expect(input.splits.map(({ name, bytes }) => ({ name, bytes }))).toEqual(
    splits.map(({ name, bytes }) => ({ name, bytes })),
  );
  for (const index of [1, 2, 3]) expect(await textOf(input.splits[index]!)).toBe(`download ${index}`);
  expect(await textOf(input.splits[4]!)).toBe("");
  expect(input.usage).toMatchObject({ gets: 0, lists: 0 });
  input.close();
});

test("what is read after the end says so, and one that never was opened may be closed twice", async () => {
  const ending = new AbortController();
  const input = open(ending.signal);
  ending.abort(new Error("the job is over"));
  await expect(textOf(input.splits[0]!)).rejects.toThrow("the job is over");
  const closed = open();
  closed.close();
  closed.close();
  await expect(textOf(closed.splits[0]!)).rejects.toMatchObject({ code: "CLOSED" });
});

test("a small worker reads less ahead", () => {
  expect([128, 512, 10_240].map((memoryMb) => aheadBytesFor(memoryMb) / 2 ** 20)).toEqual([8, 16, 16]);
});
