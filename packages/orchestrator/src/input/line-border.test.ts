import fc from "fast-check";
import { expect, it } from "vitest";
import { lineStart, type ReadAt } from "./line-border.ts";

const reader =
  (bytes: Uint8Array): ReadAt =>
  async (offset, length) =>
    bytes.subarray(offset, offset + length);

it("finds the first line start at or after a place", async () => {
  const text = fc.array(fc.constantFrom("a", "\n", "bcd"), { maxLength: 30 }).map((parts) => parts.join(""));
  await fc.assert(
    fc.asyncProperty(text, fc.nat(60), async (text, seed) => {
      const offset = seed % (text.length + 1);
      const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1), text.length];
      const wanted = starts.find((start) => start >= offset);
      expect(await lineStart(reader(Buffer.from(text)), offset, text.length)).toBe(wanted);
    }),
  );
});

it("looks across several reads, and gives up where told", async () => {
  const bytes = new Uint8Array(1_000_000).fill(97);
  bytes[900_000] = 10;
  expect(await lineStart(reader(bytes), 5, bytes.length)).toBe(900_001);
  expect(await lineStart(reader(bytes), 900_001, bytes.length)).toBe(900_001);
  expect(await lineStart(reader(bytes), 900_002, bytes.length)).toBe(1_000_000);
  expect(await lineStart(reader(bytes), 5, bytes.length, 100_000)).toBeUndefined();
});

it("reads no more than it needs when lines are short", async () => {
  let read = 0;
  const bytes = Buffer.from("some words\n".repeat(100_000));
  await lineStart(
    async (offset, length) => {
      read += length;
      return bytes.subarray(offset, offset + length);
    },
    500_000,
    bytes.length,
  );
  expect(read).toBeLessThanOrEqual(4096);
});
