import { expect, test } from "vitest";
import { nodeClock, nodeRandom } from "../env/node-env.ts";
import { inputSplit } from "../job/input-split.ts";
import { type SourceDriver, type SourceReaderOptions, sourceOf } from "./source.ts";
import { aheadBytesFor, createSources, type ToldSplit } from "./sources.ts";

const splits: readonly ToldSplit[] = [
  { name: "s3://b/one", bytes: 3, at: { offset: 7, version: "v1" } },
  { name: "file.txt", bytes: 4 },
  { name: "s3://b/unplaced", bytes: 8 },
  { name: "s3://b/two", bytes: 3, at: { offset: 0, version: "v2" } },
];

/** Tells of each range which one it was asked for. */
function fakeSource() {
  const opened: SourceReaderOptions[] = [];
  const closed: number[] = [];
  const driver: SourceDriver = {
    open: (options) => {
      opened.push(options);
      return {
        async *chunks(index) {
          options.usage.gets += 1;
          yield Buffer.from(`range ${index} of ${options.ranges[index]!.name}`);
        },
        close: () => void closed.push(opened.length),
      };
    },
  };
  return { driver, opened, closed };
}

const sourcesWith = (drivers: { readonly s3?: SourceDriver }) =>
  createSources({
    splits,
    settings: { s3: { secret: "of s3" } },
    drivers: Promise.resolve(drivers),
    memoryMb: 512,
    download: (index) =>
      inputSplit(splits[index]!, async function* () {
        yield Buffer.from(`download ${index}`);
      }),
    env: { clock: nodeClock, random: nodeRandom },
    signal: new AbortController().signal,
  });

const texts = (input: readonly { read(): Promise<Uint8Array> }[]) =>
  Promise.all(input.map(async (split) => Buffer.from(await split.read()).toString()));

test("splits with a place are read by the source's reader, the others over the control connection", async () => {
  const { driver, opened, closed } = fakeSource();
  const sources = sourcesWith({ s3: driver });
  expect(sources.usage()).toBeUndefined();
  expect(await texts(sources.input)).toEqual([
    "range 0 of s3://b/one",
    "download 1",
    "download 2",
    "range 1 of s3://b/two",
  ]);
  expect(sources.input.map(({ name, bytes }) => ({ name, bytes }))).toEqual(
    splits.map(({ name, bytes }) => ({ name, bytes })),
  );
  expect(opened).toMatchObject([
    {
      settings: { secret: "of s3" },
      ranges: [
        { name: "s3://b/one", offset: 7, bytes: 3, version: "v1" },
        { name: "s3://b/two", offset: 0, bytes: 3, version: "v2" },
      ],
      mostAheadBytes: 16 * 1024 * 1024,
    },
  ]);
  expect(sources.usage()).toMatchObject({ gets: 2 });
  sources.close();
  expect(closed).toEqual([1]);
});

test("code without a reader gets all of it over the control connection", async () => {
  const sources = sourcesWith({});
  expect(await texts(sources.input)).toEqual(["download 0", "download 1", "download 2", "download 3"]);
  expect(sources.usage()).toBeUndefined();
  sources.close();
});

test("a small worker reads less ahead", () => {
  expect([128, 512, 10_240].map((memoryMb) => aheadBytesFor(memoryMb) / 2 ** 20)).toEqual([8, 16, 16]);
});

test("only a whole scheme names a source", () => {
  expect(["s3://b/k", "s3:/b", "as3://b", "S3://b", "s3"].map(sourceOf)).toEqual(["s3", ...Array(4)]);
});
