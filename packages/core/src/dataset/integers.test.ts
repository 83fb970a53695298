import fc from "fast-check";
import { expect, it } from "vitest";
import { decodeIntegers } from "./integers.ts";
import { RowWriter } from "./row-writer.ts";

function back(values: readonly number[]) {
  const writer = new RowWriter();
  writer.integers(values);
  const bytes = writer.written;
  let at = 0;
  const take = (count: number) => {
    at += count;
    return bytes.subarray(at - count, at);
  };
  return { bytes: bytes.length, values: decodeIntegers(take, values.length) };
}

it("whole numbers come back, whatever their sizes", () => {
  const any = fc.oneof(
    fc.integer({ min: -130, max: 130 }),
    fc.integer({ min: -33_000, max: 33_000 }),
    fc.integer(),
  );
  fc.assert(
    fc.property(fc.array(any), (values) => {
      expect(back(values).values).toEqual(values);
    }),
  );
});

it.each([
  [[], 0],
  [[0, 127, -128], 1],
  [[128], 2],
  [[-129, 3], 2],
  [[32_767, -32_768], 2],
  [[32_768], 4],
  [[-32_769], 4],
  [[2_147_483_647, -2_147_483_648], 4],
])("%j take %i bytes each", (values, width) => {
  const { bytes, values: decoded } = back(values);
  expect([bytes - 1, decoded]).toEqual([width * values.length, values]);
});

it("numbers of an unknown width are refused", () => {
  expect(() => decodeIntegers(() => Uint8Array.of(3), 1)).toThrow(RangeError);
});
