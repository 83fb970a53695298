import { expect, test } from "vitest";
import { optionValue, withPresets } from "./options.mjs";

test("what the person gave stands, in either spelling, and the rest is preset", () => {
  const presets = { "--workers": "8", "--nat": "restricted", "--output": "out" };
  expect(withPresets(["--nat=none", "--workers", "16", "--json"], presets)).toEqual([
    "--nat=none",
    "--workers",
    "16",
    "--json",
    "--output",
    "out",
  ]);
});

test("an option's value may hold an equals sign, and a longer name is another option", () => {
  expect(optionValue(["--param=a=b"], "--param")).toBe("a=b");
  expect(optionValue(["--workers-least", "3"], "--workers")).toBeUndefined();
});
