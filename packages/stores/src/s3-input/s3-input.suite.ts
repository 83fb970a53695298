// Input in S3, asked of each kind of service that we know: what is listed, what workers read, and what goes wrong.

import { setMaxListeners } from "node:events";
import {
  nodeClock,
  nodeRandom,
  noUsage,
  type SourcePlace,
  type SourceText,
  type ToldSplit,
} from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { describe, expect, onTestFinished, test } from "vitest";
import { removeAll } from "../s3/remove-all.ts";
import type { S3Access } from "../settings.ts";
import { putObject } from "../testing/bucket.ts";
import type { Fault } from "../testing/fault-proxy.ts";
import { limit, type S3Kit } from "../testing/s3-kit.ts";
import { s3Catalog } from "./catalog.ts";
import { openInput } from "./open-input.ts";

export interface InputSuiteOptions {
  readonly kit: S3Kit;
  /** How long a test may take to meet the service's own slowness; the bytes of its largest object. */
  readonly largeBytes: number;
}

const folder = "input";

/** Lines of many lengths, whose bytes tell where they are. */
function linesOf(bytes: number): Buffer {
  const text = Buffer.alloc(bytes, "abcdefghijklmnopqrstuvwxyz ");
  const random = seededRandom("lines");
  for (let at = 0; at < bytes; at += random.int(1, 400)) text[at] = 10;
  return text;
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) {
    expect(chunk.length).toBeLessThanOrEqual(256 * 1024);
    all.push(chunk);
  }
  return Buffer.concat(all);
}

type Placed = ToldSplit & { readonly at: SourcePlace };

/** A worker's input, all of it in S3; it closes with the test. */
function open(
  splits: readonly Placed[],
  s3: S3Access,
  { memoryMb, signal = limit() }: { readonly memoryMb: number; readonly signal?: AbortSignal },
) {
  const download = () => {
    throw new Error("nothing of this comes over the control connection");
  };
  const env = { clock: nodeClock, random: nodeRandom };
  const opened = openInput({ splits, settings: { s3 }, memoryMb, download, env, signal });
  onTestFinished(() => opened.close());
  return { chunks: (index: number) => opened.splits[index]!.chunks(), usage: opened.usage };
}

export function s3InputSuite(name: string, { kit, largeBytes }: InputSuiteOptions): void {
  const accessWith = (more: Partial<S3Access> = {}): S3Access => {
    const { bucket: _, ...access } = kit.settings();
    return { ...access, ...more };
  };
  const catalog = (more: Partial<S3Access> = {}) => {
    const made = s3Catalog({ access: accessWith(more), signal: limit() });
    onTestFinished(() => made.close());
    return made;
  };
  const reader = (splits: readonly Placed[], more: Partial<S3Access> = {}) =>
    open(splits, accessWith(more), { memoryMb: 64 });
  const bucket = () => kit.settings().bucket;
  const rangeOf = ({ key, bytes, version }: SourceText, offset = 0, length = bytes): Placed => ({
    name: `s3://${bucket()}/${key}`,
    bytes: length,
    at: { offset, version },
  });
  const put = async (texts: Readonly<Record<string, string | Buffer>>) => {
    for (const [key, text] of Object.entries(texts))
      await kit.store().put(`${folder}/${key}`, [Buffer.from(text)], limit());
    const keys = Object.keys(texts).map((key) => `${folder}/${key}`);
    onTestFinished(() => removeAll(kit.client(), keys, noUsage(), limit()));
    return await catalog().list(bucket(), `${folder}/`);
  };

  describe(`${name}: input`, () => {
    test("of odd names, and of none bytes, is listed and read as it was written", async () => {
      const texts = {
        "plain.txt": "one\ntwo\n",
        "a b+c%20&<d>'\"~*[1]{2}.txt": "odd\n",
        "ü/ä 🐋.txt": "wide\n",
        "/two//slashes": "slashes\n",
        "empty.txt": "",
      };
      const listed = await put(texts);
      expect(listed.map(({ key, bytes }) => [key, bytes]).sort()).toEqual(
        Object.entries(texts)
          .map(([key, text]) => [`${folder}/${key}`, Buffer.byteLength(text)])
          .sort(),
      );
      const { chunks, usage } = reader(listed.map((text) => rangeOf(text)));
      for (const [index, { key }] of listed.entries()) {
        const wanted = texts[key.slice(folder.length + 1) as keyof typeof texts];
        expect((await read(chunks(index))).toString(), key).toBe(wanted);
      }
      // What is empty is not asked for.
      expect(usage).toMatchObject({ gets: 4, retries: 0, readBytes: 25 });
    });

    test("that is large is read by parts, anywhere in it and several at a time", async () => {
      const bytes = linesOf(largeBytes);
      const [large] = await put({ "large.txt": bytes });
      const cuts = [0, 1, Math.floor(largeBytes / 3), largeBytes - 1, largeBytes];
      const ranges = cuts.slice(1).map((end, index) => rangeOf(large!, cuts[index]!, end - cuts[index]!));
      const { chunks, usage } = reader(ranges);
      const parts = await Promise.all(ranges.map((_, index) => read(chunks(index))));
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      expect(usage.gets).toBe(ranges.reduce((sum, { bytes }) => sum + Math.ceil(bytes / 2 ** 20), 0));
      const listed = catalog();
      const some = await listed.read(bucket(), large!, 1_000, 500);
      expect(Buffer.from(some).equals(bytes.subarray(1_000, 1_500))).toBe(true);
      expect(listed.usage).toMatchObject({ gets: 1, readBytes: 500 });
    });

    test("that changed, or went, since it was listed is INPUT_UNREADABLE, by its name", async () => {
      const [kept, replaced, gone] = await put({ "a.txt": "kept\n", "b.txt": "first\n", "c.txt": "gone\n" });
      // As long as before: only its tag tells.
      await putObject(kit.settings(), replaced!.key, "other\n");
      await removeAll(kit.client(), [gone!.key], noUsage(), limit());
      const { chunks } = reader([kept!, replaced!, gone!].map((text) => rangeOf(text)));
      expect((await read(chunks(0))).toString()).toBe("kept\n");
      for (const [index, words] of [
        [1, /b\.txt changed while/],
        [2, /c\.txt was removed while/],
      ] as const) {
        await expect(read(chunks(index))).rejects.toMatchObject({
          code: "INPUT_UNREADABLE",
          message: expect.stringMatching(words),
          hint: expect.any(String),
        });
      }
    });

    test.each([
      [{ secretAccessKey: "wr0ng-secret" }, "STORE_AUTH"],
      [{ accessKeyId: "nobody", sessionToken: "t0ken-of-nobody" }, "STORE_AUTH"],
    ] as const)("with %j is refused with a hint, and no secret is told", async (wrong, code) => {
      const [text] = await put({ "a.txt": "text\n" });
      const asking = [
        () => catalog(wrong).list(bucket(), ""),
        () => read(reader([rangeOf(text!)], wrong).chunks(0)),
      ];
      for (const ask of asking) {
        const error = await ask().then(
          () => undefined,
          (thrown: Error) => thrown,
        );
        expect(error).toMatchObject({ code, hint: expect.stringMatching(/AWS_/) });
        const told = `${JSON.stringify(error)} ${error?.message} ${error?.stack}`;
        for (const secret of [kit.settings().secretAccessKey, "wr0ng-secret", "t0ken-of-nobody"])
          expect(told).not.toContain(secret);
      }
    });

    test("in a bucket that is not there is INPUT_NOT_FOUND", async () => {
      await expect(catalog().list("no-such-bucket", "logs/")).rejects.toMatchObject({
        code: "INPUT_NOT_FOUND",
        message: expect.stringMatching(/s3:\/\/no-such-bucket\/logs\/ is in a bucket that does not exist/),
      });
    });
  });
}

/** What a service says of an object that is there, but not to be had. */
const refusals: readonly [string, Fault, object][] = [
  [
    "AccessDenied",
    { status: 403, code: "AccessDenied" },
    { code: "STORE_AUTH", hint: expect.stringMatching(/s3:GetObject/) },
  ],
  [
    "an archived object",
    { status: 403, code: "InvalidObjectState" },
    { code: "INPUT_UNREADABLE", hint: expect.stringMatching(/Restore/) },
  ],
  [
    "another region",
    { status: 301, code: "PermanentRedirect" },
    { code: "STORE_UNAVAILABLE", hint: expect.stringMatching(/AWS_REGION/) },
  ],
];

export function s3InputFaultsSuite(kit: S3Kit): void {
  const access = (endpoint: string): S3Access => ({ ...kit.settings(), endpoint });
  const text = async (key: string, bytes: Buffer): Promise<Placed> => {
    await kit.store().put(key, [bytes], limit());
    onTestFinished(() => removeAll(kit.client(), [key], noUsage(), limit()));
    const name = `s3://${kit.settings().bucket}/${key}`;
    return { name, bytes: bytes.length, at: { offset: 0, version: "" } };
  };
  const reader = (endpoint: string, splits: readonly Placed[], signal?: AbortSignal) =>
    open(splits, access(endpoint), { memoryMb: 16, ...(signal === undefined ? {} : { signal }) });

  describe("input", () => {
    test("comes whole through a storm of SlowDowns, resets and cut answers, and the retries are counted", async () => {
      const random = seededRandom("input storm");
      const faults: readonly Fault[] = [{ status: 503, code: "SlowDown" }, "reset", "cut", { status: 500 }];
      const { endpoint } = await kit.proxy(() =>
        random.unit() < 0.4 ? faults[random.int(0, faults.length)] : undefined,
      );
      const bytes = linesOf(2 ** 21 + 17);
      const { chunks, usage } = reader(endpoint, [await text("storm.txt", bytes)]);
      expect((await read(chunks(0))).equals(bytes)).toBe(true);
      expect(usage.readBytes).toBe(bytes.length);
      expect(usage.retries).toBeGreaterThan(0);
      expect(usage.gets).toBe(9 + usage.retries);
    });

    test.each(refusals)("that meets %s is told once, and at once", async (_, fault, wanted) => {
      const { endpoint, seen } = await kit.proxy(() => fault);
      const { chunks } = reader(endpoint, [await text("refused.txt", Buffer.from("x"))]);
      await expect(read(chunks(0))).rejects.toMatchObject(wanted);
      expect(seen.length).toBe(1);
    });

    test("that never comes ends with its job, and leaves no request", async () => {
      const { endpoint, seen } = await kit.proxy(() => "silence");
      const ending = new AbortController();
      setMaxListeners(0, ending.signal);
      const { chunks } = reader(endpoint, [await text("silent.txt", linesOf(2 ** 20))], ending.signal);
      const reading = read(chunks(0));
      const reason = new Error("the job is over");
      while (seen.length < 4) await new Promise((resolve) => setImmediate(resolve));
      const closed = seen.map(({ socket }) => new Promise((resolve) => socket.once("close", resolve)));
      ending.abort(reason);
      await expect(reading).rejects.toBe(reason);
      await Promise.all(closed);
    });

    test("whose range a service takes no notice of is never taken for another part", async () => {
      const { endpoint } = await kit.proxy(({ headers }) => {
        delete headers.range;
        return undefined;
      });
      const whole = await text("whole.txt", Buffer.from("0123456789"));
      const at = { offset: 2, version: "" };
      // The latter is as long as the whole: only the answer's status tells.
      const parts = [3, 10].map((bytes) => ({ ...whole, bytes, at }));
      const { chunks } = reader(endpoint, [...parts, whole]);
      for (const part of [0, 1])
        await expect(read(chunks(part))).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
      expect((await read(chunks(2))).toString()).toBe("0123456789");
    });

    test("of a name that HTTP would take for a path is refused", async () => {
      const { chunks } = reader(kit.settings().endpoint!, [
        { name: "s3://bucket/a/../b", bytes: 1, at: { offset: 0, version: "" } },
      ]);
      await expect(read(chunks(0))).rejects.toMatchObject({ code: "INPUT_UNREADABLE" });
    });
  });
}
