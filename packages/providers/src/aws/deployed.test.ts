import { expect, test } from "vitest";
import { checkWish } from "./deployed.ts";

const deployed = { memoryMb: 512, timeoutMs: 60_000 };
const wish = { memoryMb: 512, timeoutMs: 60_000, payloadBytes: 400 };

test("a launch that is what the function is goes through", () => {
  checkWish(wish, deployed);
  checkWish({ ...wish, timeoutMs: 1_000 }, deployed);
});

test.each([
  // More than it has would end out of memory; less is billed as what it has, and the report's cost would be wrong.
  [{ memoryMb: 1_024 }, "--memory 512"],
  [{ memoryMb: 256 }, "--memory 512"],
  [{ timeoutMs: 60_001 }, "--timeout 60"],
])("%j is refused, and the hint has the flag that goes through", (change, flag) => {
  expect(() => checkWish({ ...wish, ...change }, deployed)).toThrow(
    expect.objectContaining({ code: "LIMIT", hint: expect.stringContaining(flag) }),
  );
});

test("an event longer than Lambda takes is refused", () => {
  expect(() => checkWish({ ...wish, payloadBytes: 1_048_577 }, deployed)).toThrow(
    expect.objectContaining({ code: "LIMIT", hint: expect.stringMatching(/./) }),
  );
});
