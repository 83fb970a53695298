import { describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "./options.ts";

const scenarios = ["pair", "mesh"];

describe("parseOptions", () => {
  test("takes a scenario and its options in any order", () => {
    expect(parseOptions(["--workers", "64", "mesh", "--json", "out.json"], scenarios)).toEqual({
      scenario: "mesh",
      workers: 64,
      repetitions: undefined,
      json: "out.json",
    });
  });

  test.each([
    [[], "which scenario?"],
    [["nosuch"], 'no scenario "nosuch"; one of: pair, mesh'],
    [["pair", "mesh"], 'not also "mesh"'],
    [["mesh", "--workers", "1"], "from 2 to 1000"],
    [["mesh", "--workers", "6.5"], '"6.5"'],
    [["mesh", "--workers", ""], "whole number"],
    [["pair", "--nosuch"], "--nosuch"],
    [["pair", "--json"], "--json"],
  ])("refuses %j, and says why", (args, reason) => {
    expect(() => parseOptions(args, scenarios)).toThrow(UsageError);
    expect(() => parseOptions(args, scenarios)).toThrow(reason);
  });
});
