import fc from "fast-check";
import { expect, test } from "vitest";
import { FnmeshError } from "../errors/errors.ts";
import { valueCodec as codec } from "./values.ts";

/** Over the wire: the bytes arrive in memory of their own, at any offset. */
function carried(value: unknown, offset = 0): unknown {
  const { kind, bytes } = codec.encode(value);
  const memory = new Uint8Array(bytes.length + offset);
  memory.set(bytes, offset);
  return codec.decode(kind, memory.subarray(offset));
}

test("plain data comes out as it went in", () => {
  fc.assert(
    fc.property(
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
      (value) => {
        if (value instanceof Uint8Array) return;
        expect(carried(value)).toEqual(structuredClone(value));
      },
    ),
    { numRuns: 300 },
  );
});

test("bytes and typed arrays travel as they are, also from the middle of a buffer", () => {
  const floats = new Float64Array([1.5, -2, Number.NaN, 4]).subarray(1, 3);
  expect(carried(floats, 3)).toEqual(new Float64Array([-2, Number.NaN]));
  for (const type of [
    Int8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
  ]) {
    expect(carried(type.from([1, 2, 3]))).toEqual(type.from([1, 2, 3]));
  }
  expect(carried(new BigInt64Array([1n, -1n]))).toEqual(new BigInt64Array([1n, -1n]));
  expect(Buffer.from(carried(Buffer.from("abc")) as Uint8Array).toString()).toBe("abc");
  expect(codec.encode(floats).bytes.buffer).toBe(floats.buffer);
});

test("text, undefined, cycles", () => {
  expect(carried("häßlich 漢字 🎈")).toBe("häßlich 漢字 🎈");
  expect(carried(undefined)).toBe(undefined);
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const back = carried(loop) as typeof loop;
  expect(back.self).toBe(back);
});

test.each([
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["a DataView", new DataView(new ArrayBuffer(4))],
])("%s cannot be sent", (_, value) => {
  expect(() => codec.encode(value)).toThrowError(expect.objectContaining({ code: "NOT_SERIALIZABLE" }));
});

test("rubbish is a PROTOCOL error", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 64 }), (kind, bytes) => {
      try {
        codec.decode(kind, bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(FnmeshError);
        expect((error as FnmeshError).code).toBe("PROTOCOL");
      }
    }),
    { numRuns: 3_000 },
  );
});
