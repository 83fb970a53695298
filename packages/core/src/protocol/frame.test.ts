import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { encodeFrame, type Frame, FrameDecoder, frameHeaderBytes } from "./frame.ts";

const mostBytes = 2000;
const frames = fc.array(fc.record({ type: fc.nat(255), body: fc.uint8Array({ maxLength: mostBytes - 1 }) }), {
  maxLength: 12,
});

/** Cuts bytes at these places, given as any numbers. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end));
}

const plain = (frame: Frame) => ({ type: frame.type, body: [...frame.body] });
const codeThrown = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof FnmeshError ? error.code : `a stranger: ${String(error)}`;
  }
  return "nothing thrown";
};
const header = (length: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length, true);
  return bytes;
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const heldBytes = (): number => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

describe("the frame decoder", () => {
  it("gives the same frames however the bytes are cut", () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (wanted, places) => {
        const bytes = Buffer.concat(wanted.map(({ type, body }) => encodeFrame(type, body)));
        const decoder = new FrameDecoder(mostBytes);
        const got = cut(bytes, places).flatMap((chunk) => [...decoder.push(chunk)]);
        decoder.end();
        expect(got.map(plain)).toEqual(wanted.map(plain));
      }),
    );
  });

  it("gives the same frames byte by byte, and each as soon as its last byte is there", () => {
    const wanted = [encodeFrame(1, new Uint8Array(0)), encodeFrame(2, Uint8Array.of(1, 2, 3))];
    const decoder = new FrameDecoder(mostBytes);
    const counts = [...Buffer.concat(wanted)].map((byte) => [...decoder.push(Uint8Array.of(byte))].length);
    expect(counts).toEqual([0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it("leaves the bodies that it gave alone when more bytes come", () => {
    const decoder = new FrameDecoder(mostBytes);
    const [first] = decoder.push(encodeFrame(1, Uint8Array.of(7, 7)));
    for (let round = 0; round < 50; round += 1)
      [...decoder.push(encodeFrame(2, new Uint8Array(100).fill(9)))];
    expect(plain(first!)).toEqual({ type: 1, body: [7, 7] });
  });

  it("keeps what is left when the reader stops half-way through the frames of one chunk", () => {
    const decoder = new FrameDecoder(mostBytes);
    const both = Buffer.concat([encodeFrame(1, Uint8Array.of(1)), encodeFrame(2, Uint8Array.of(2))]);
    for (const frame of decoder.push(both)) {
      expect(frame.type).toBe(1);
      break;
    }
    expect([...decoder.push(encodeFrame(3, Uint8Array.of(3)))].map(({ type }) => type)).toEqual([2, 3]);
  });

  it.each([mostBytes + 1, 2 ** 31, 2 ** 32 - 1])(
    "refuses a length of %i from its four bytes alone",
    (length) => {
      const decoder = new FrameDecoder(mostBytes);
      expect(codeThrown(() => [...decoder.push(header(length))])).toBe("FRAME_TOO_LARGE");
    },
  );

  it("takes a frame of exactly the most bytes", () => {
    const decoder = new FrameDecoder(mostBytes);
    const [frame] = decoder.push(encodeFrame(9, new Uint8Array(mostBytes - 1)));
    expect(frame?.body.length).toBe(mostBytes - 1);
  });

  it("refuses a length of zero: there is no type in it", () => {
    const decoder = new FrameDecoder(mostBytes);
    expect(codeThrown(() => [...decoder.push(header(0))])).toBe("PROTOCOL");
  });

  it("says TRUNCATED when the bytes end inside a frame, and nothing when they end between two", () => {
    fc.assert(
      fc.property(frames, fc.nat(), (sent, place) => {
        const encoded = sent.map(({ type, body }) => encodeFrame(type, body));
        const bytes = Buffer.concat(encoded);
        const end = place % (bytes.length + 1);
        const borders = new Set([0]);
        let at = 0;
        for (const frame of encoded) {
          at += frame.length;
          borders.add(at);
        }
        const decoder = new FrameDecoder(mostBytes);
        [...decoder.push(bytes.subarray(0, end))];
        expect(codeThrown(() => decoder.end())).toBe(borders.has(end) ? "nothing thrown" : "TRUNCATED");
      }),
    );
  });

  it("takes memory in proportion to the bytes that came, not to their number of pieces", () => {
    const length = 512 * 1024;
    const decoder = new FrameDecoder(length);
    const drip = () => [...decoder.push(Uint8Array.of(1))].length;
    [...decoder.push(header(length))];
    const before = heldBytes();
    for (let sent = 1; sent < length; sent += 1) drip();
    // Kept one by one, half a million one-byte arrays hold more than 50 MB.
    expect(heldBytes() - before).toBeLessThan(10e6);
    expect(drip()).toBe(1);
  });
});

describe("the frame encoder", () => {
  it("counts type and body in the length, and copies the body", () => {
    const body = Uint8Array.of(1, 2, 3);
    const frame = encodeFrame(200, body);
    body.fill(0);
    expect([...frame]).toEqual([4, 0, 0, 0, 200, 1, 2, 3]);
    expect(frame.length).toBe(frameHeaderBytes + 3);
  });
});
