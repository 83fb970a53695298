import { expect, it } from "vitest";
import { pageBytes, parsePs, residentPages } from "./memory-watch.ts";

it("reads the resident pages of /proc/PID/statm", () => {
  expect(residentPages("148120 10042 7311 9829 0 22412 0\n")).toBe(10_042);
});

it.each([4096, 16_384, 65_536])("finds pages of %i bytes, though the process grew in between", (page) => {
  expect(pageBytes(page * 10_042 * 1.1, 10_042)).toBe(page);
  expect(pageBytes(page * 10_042 * 0.9, 10_042)).toBe(page);
});

it("reads what ps lists, which counts in KiB", () => {
  expect(parsePs("  101  40168\n 7    12\n\n")).toEqual(
    new Map([
      [101, 40_168 * 1024],
      [7, 12 * 1024],
    ]),
  );
  expect(parsePs("")).toEqual(new Map());
});
