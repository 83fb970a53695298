import { describe, expect, test } from "vitest";
import { parseOptions, UsageError } from "./options.ts";

const scenarios = {
  pair: {},
  mesh: {},
  shuffle: { takes: ["setting", "bytes", "channels", "keys", "resume"] },
} as const;
const nothing = {
  workers: undefined,
  repetitions: undefined,
  json: undefined,
  setting: undefined,
  rounds: undefined,
  channels: undefined,
  bytes: undefined,
  keys: undefined,
  dilation: undefined,
  seed: undefined,
  encrypt: false,
  resume: false,
};

describe("parseOptions", () => {
  test("takes a scenario and its options in any order", () => {
    expect(parseOptions(["--workers", "64", "mesh", "--json", "out.json"], scenarios)).toEqual({
      ...nothing,
      scenario: "mesh",
      workers: 64,
      json: "out.json",
    });
  });

  test("takes what its scenario has beyond that", () => {
    const args = [
      "shuffle",
      "--setting",
      "cloud",
      "--bytes",
      "1.5KiB",
      "--channels",
      "direct, s3-naive",
      "--keys",
      "zipf",
    ];
    expect(parseOptions(args, scenarios)).toEqual({
      ...nothing,
      scenario: "shuffle",
      setting: "cloud",
      bytes: 1536,
      channels: ["direct", "s3-naive"],
      keys: "zipf",
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
    [["pair", "--setting", "local"], 'the scenario "pair" has no --setting'],
    [["shuffle", "--setting", "moon"], "one of local, cloud"],
    [["shuffle", "--bytes", "many"], "256MB"],
    [["shuffle", "--bytes", "0"], "256MB"],
    [["shuffle", "--channels", "direct,pigeon"], "pigeon"],
    [["shuffle", "--channels", "auto"], "single ways"],
    [["shuffle", "--channels", "relay,relay"], "twice"],
    [["shuffle", "--resume"], "--json FILE"],
  ])("refuses %j, and says why", (args, reason) => {
    expect(() => parseOptions(args, scenarios)).toThrow(UsageError);
    expect(() => parseOptions(args, scenarios)).toThrow(reason);
  });
});
