import { expect, test } from "vitest";
import { didYouMean, editDistance, nearest } from "./suggest.ts";

const profiles = ["none", "open", "restricted", "reset", "symmetric", "shared", "shared-no-hairpin", "mixed"];

test.each([
  ["", "", 0],
  ["abc", "abc", 0],
  ["abc", "", 3],
  ["kitten", "sitting", 3],
  ["symetric", "symmetric", 1],
  ["opne", "open", 1],
])("editDistance(%s, %s) is %i", (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test("slips are recognised, strangers are not", () => {
  expect(nearest("symetric", profiles)).toBe("symmetric");
  expect(nearest("RESTRICTED", profiles)).toBe("restricted");
  expect(nearest("opne", profiles)).toBe("open");
  expect(nearest("carrier-grade", profiles)).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});

test("the hint names the guess and all that exist", () => {
  expect(didYouMean("realy", ["auto", "direct", "relay"])).toBe(
    'Did you mean "relay"? There are: auto, direct, relay.',
  );
  expect(didYouMean("carrier-grade", ["auto", "direct"])).toBe("Use one of: auto, direct.");
});
