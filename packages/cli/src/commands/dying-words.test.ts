import { expect, test } from "vitest";
import { isDyingWords } from "./dying-words.ts";

test.each([
  "",
  "<--- Last few GCs --->",
  "[2111:0x8302d30]      216 ms: Mark-Compact 63.6 (97.0) -> 63.6 (96.5) MB, 8.52 / 0.00 ms",
  "<--- JS stacktrace --->",
  "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  "----- Native stack trace -----",
  " 1: 0xb78db3 node::OOMErrorHandler(char const*, v8::OOMDetails const&) [/usr/bin/node]",
  "11: 0x128ed12  [/usr/bin/node]",
])("V8's %j is not the job's", (line) => {
  expect(isDyingWords(line)).toBe(true);
});

test.each(["out of memory soon", "1: first", "[12] 3 ms: fine", "FATAL ERROR: no such table"])(
  "a job's own %j is shown",
  (line) => {
    expect(isDyingWords(line)).toBe(false);
  },
);
