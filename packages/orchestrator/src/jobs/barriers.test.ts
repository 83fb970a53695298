import { expect, test } from "vitest";
import { Barriers } from "./barriers.ts";

test("a barrier is complete with the last worker, and may be used again", () => {
  const barriers = new Barriers(3);
  for (let round = 0; round < 2; round++) {
    expect(barriers.arrive(2, 1)).toBe("waiting");
    expect(barriers.arrive(2, 1)).toBe("waiting");
    expect(barriers.arrive(0, 1)).toBe("waiting");
    expect(barriers.arrive(1, 1)).toBe("complete");
  }
});

test("barriers of different ids do not mix", () => {
  const barriers = new Barriers(2);
  expect(barriers.arrive(0, 1)).toBe("waiting");
  expect(barriers.arrive(1, 2)).toBe("waiting");
  expect(barriers.arrive(1, 1)).toBe("complete");
});

test("a worker that leaves is missed where others wait, and where others come later", () => {
  const barriers = new Barriers(3);
  barriers.arrive(0, 1);
  expect(barriers.leave(2)).toBe(true);
  expect(barriers.arrive(1, 1)).toBe("stuck");
  const empty = new Barriers(2);
  expect(empty.leave(0)).toBe(false);
  expect(empty.arrive(1, 1)).toBe("stuck");
});

test("barriers without end are refused", () => {
  const barriers = new Barriers(2);
  expect(() => {
    for (let id = 0; id < 10_000; id++) barriers.arrive(0, id);
  }).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
});
