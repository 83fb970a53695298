import { inflateSync } from "node:zlib";
import fc from "fast-check";
import { decode, encode } from "fast-png";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import { bandOf, stripRows, stripsOf } from "./bands.ts";
import job from "./job.ts";
import { checksumOf, joinChecksums } from "./png-file.ts";
import { type Picture, readPng } from "./read-png.ts";
import { plainBlur, plainEdges } from "./testing/naive.ts";

/** Any picture would do; this one has no two rows or columns alike. */
function pictureOf(width: number, height: number): Picture {
  const rgb = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * at * 31 + at * 7) % 251);
  return { width, height, rgb };
}

const fileOf = ({ width, height, rgb }: Picture) =>
  encode({ width, height, data: rgb, channels: 3, depth: 8 });

async function filtered(picture: Picture, workers: number, params: Record<string, string>): Promise<Buffer> {
  const { outputParts } = await runJob(job, { workers, params, input: [fileOf(picture)], encrypt: false });
  return Buffer.concat(outputParts);
}

/** Exact numbers are rounded to the nearest whole one. */
function expectRounded(pixels: ArrayLike<number>, exact: readonly number[]): void {
  expect(pixels.length).toBe(exact.length);
  const off = exact.map((value, index) => Math.abs(value - pixels[index]!));
  expect(Math.max(...off)).toBeLessThan(0.5 + 1e-6);
}

describe("the filtered image", () => {
  const tall = pictureOf(23, 6 * stripRows + 5);

  it.each([
    ["blur", { filter: "blur", sigma: "1.5" }, plainBlur(tall, 1.5)],
    ["edges", { filter: "edges" }, plainEdges(tall)],
  ])("has the pixels that the definition says: %s", async (_name, params, exact) => {
    const image = decode(await filtered(tall, 3, params), { checkCrc: true });
    expect(image).toMatchObject({
      width: 23,
      height: tall.height,
      depth: 8,
      channels: exact.length / 23 / tall.height,
    });
    expectRounded(image.data, exact);
  });

  // With 40 rows of halo a band needs rows from workers beyond its neighbours; with 9 workers some have no band.
  it.each([2, 3, 9])("is the same file, byte for byte, on %i workers as on one", async (workers) => {
    const params = { sigma: "13" };
    const [one, many] = await Promise.all([filtered(tall, 1, params), filtered(tall, workers, params)]);
    expect(one.equals(many)).toBe(true);
  });

  it("may have one pixel", async () => {
    const image = decode(await filtered(pictureOf(1, 1), 2, {}), { checkCrc: true });
    expect([...image.data]).toEqual([...pictureOf(1, 1).rgb]);
  });
});

describe("the file", () => {
  it("has a compressed stream whose checksum is right", async () => {
    const file = await filtered(pictureOf(5, 3 * stripRows), 3, {});
    const data: Buffer[] = [];
    for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
      if (file.toString("latin1", at + 4, at + 8) === "IDAT")
        data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
    }
    // zlib refuses a wrong one.
    expect(inflateSync(Buffer.concat(data)).length).toBe(3 * stripRows * (5 * 3 + 1));
  });

  it("has the checksum of all bytes, wherever they are cut", () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const joined = joinChecksums(checksumOf(one), checksumOf(other));
        expect(joined).toEqual(checksumOf(Buffer.concat([one, other])));
      }),
    );
    // The example of Wikipedia's article.
    const { low, high } = checksumOf(Buffer.from("Wikipedia"));
    expect(high * 65_536 + low).toBe(0x11e60398);
  });
});

describe("bands", () => {
  it("cover all rows once, in whole strips", () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 40 }), (height, workers) => {
        const strips = Array.from({ length: workers }, (_, rank) =>
          stripsOf(bandOf(height, workers, rank)),
        ).flat();
        expect(strips).toEqual(stripsOf({ first: 0, end: height }));
        expect(strips.at(-1)?.end ?? 0).toBe(height);
      }),
    );
  });
});

describe("an input", () => {
  it("of any kind becomes colours, white where it is transparent", () => {
    const png = (channels: 1 | 2 | 3 | 4, data: number[]) =>
      readPng(encode({ width: 1, height: 1, channels, depth: 8, data: Uint8Array.from(data) })).rgb;
    expect([...png(1, [7])]).toEqual([7, 7, 7]);
    expect([...png(2, [0, 51])]).toEqual([204, 204, 204]);
    expect([...png(3, [1, 2, 3])]).toEqual([1, 2, 3]);
    expect([...png(4, [1, 2, 3, 0])]).toEqual([255, 255, 255]);
    const deep = encode({ width: 1, height: 1, channels: 1, depth: 16, data: Uint16Array.of(0x1234) });
    expect([...readPng(deep).rgb]).toEqual([0x12, 0x12, 0x12]);
  });

  it("that is no PNG is refused", async () => {
    for (const input of [["no picture\n"], []])
      await expect(runJob(job, { workers: 2, input })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
