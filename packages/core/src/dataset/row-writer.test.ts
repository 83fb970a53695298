import { expect, it } from "vitest";
import { decodeRows } from "./decode-rows.ts";
import { encodeRows, writeRows } from "./encode-rows.ts";
import { RowWriter } from "./row-writer.ts";

it("writes numbers and texts one after the other, little-endian and unaligned, while its memory grows", () => {
  const writer = new RowWriter();
  writer.byte(255);
  writer.short(0x1234);
  writer.whole(0xfedcba98);
  writer.integers([-2]);
  writer.floats([0.5]);
  writer.integers([3, 300]);
  writer.flags(["x", ""], (value) => Number(value === "x"));
  writer.text("ü", 2, "utf8");
  writer.raw(Uint8Array.of(1, 2));
  expect(writer.written.toString("hex")).toBe(
    ["ff", "3412", "98badcfe", "01fe", "000000000000e03f", "0203002c01", "0100", "c3bc", "0102"].join(""),
  );
  const large = Array.from({ length: 10_000 }, (_, index) => index);
  writer.integers(large);
  expect(writer.written.length).toBe(28 + 1 + 20_000);
  expect(writer.written.readInt16LE(29 + 2 * 9999)).toBe(9999);
});

it("writes rows again and again into the same memory", () => {
  const writer = new RowWriter();
  const first = writeRows([["a", 1.5]], writer);
  const taken = decodeRows(first);
  const second = writeRows([["b", 2.5]], writer);
  expect(second.buffer).toBe(first.buffer);
  // What was decoded has nothing in common with it.
  expect(taken).toEqual([["a", 1.5]]);
  expect(decodeRows(second)).toEqual([["b", 2.5]]);
  expect(second).toEqual(Buffer.from(encodeRows([["b", 2.5]])));
});
