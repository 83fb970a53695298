import { expect, test } from "vitest";
import { EmittedValues, mostEmittedBytes } from "./emitted.ts";

test("keeps values in the order in which they came, until they are too much", () => {
  const emitted = new EmittedValues();
  expect(emitted.add(3, { a: 1 })).toBe(true);
  expect(emitted.add(0, "b")).toBe(true);
  expect(emitted.add(1, "x".repeat(mostEmittedBytes))).toBe(false);
  expect(emitted.add(1, "late")).toBe(false);
  expect(emitted.values).toEqual([
    { rank: 3, value: { a: 1 } },
    { rank: 0, value: "b" },
  ]);
});
