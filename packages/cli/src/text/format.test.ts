import { expect, test } from "vitest";
import { formatBytes, formatCount, formatMoney, formatMs, plural } from "./format.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [12_345_678, "12.3 MB"],
  [99_960_000, "100 MB"],
  [999_960, "1.0 MB"],
  [2.5e15, "2500 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0 ms"],
  [99, "99 ms"],
  [100, "0.10 s"],
  [1234, "1.23 s"],
  [12_345, "12.3 s"],
  [59_960, "1 min 0 s"],
  [75_000, "1 min 15 s"],
  [3_725_000, "1 h 2 min"],
])("%d ms are %s", (ms, text) => {
  expect(formatMs(ms)).toBe(text);
});

test.each([
  [0, "$0"],
  [0.00000004, "below $0.000001"],
  [0.0000012, "$0.0000012"],
  [0.00214, "$0.0021"],
  [0.054, "$0.054"],
  [0.994, "$0.99"],
  [0.996, "$1.00"],
  [12.345, "$12.35"],
])("%d dollars are %s", (amount, text) => {
  expect(formatMoney(amount)).toBe(text);
});

test("counts are grouped and nouns agree", () => {
  expect(formatCount(8128)).toBe("8,128");
  expect(plural(1, "worker")).toBe("1 worker");
  expect(plural(1000, "worker")).toBe("1,000 workers");
});
