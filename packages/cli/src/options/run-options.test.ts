import { FnmeshError } from "@fnmesh/core";
import { expect, test } from "vitest";
import { parseParams } from "./param-option.ts";
import { parseRunOptions, type RawRunOptions, runPresets } from "./run-options.ts";

const raw = (changes: Partial<RawRunOptions> = {}): RawRunOptions => ({
  ...runPresets,
  encrypt: true,
  ...changes,
});

function refusal(act: () => unknown): { code: string; message: string; hint: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof FnmeshError)
      return { code: error.code, message: error.message, hint: error.hint ?? "" };
    throw error;
  }
  throw new Error("nothing was refused");
}

const refusedWith = (changes: Partial<RawRunOptions>) =>
  refusal(() => parseRunOptions(["job.ts"], raw(changes)));

test("the presets are valid, and what was not typed is left to the settings", () => {
  expect(parseRunOptions(["job.ts"], raw())).toEqual({
    job: "job.ts",
    workers: 4,
    provider: undefined,
    stage: undefined,
    orchestrator: undefined,
    tokenFile: undefined,
    nat: "none",
    channel: "auto",
    input: [],
    output: undefined,
    params: {},
    memoryMb: undefined,
    timeoutMs: undefined,
    relays: undefined,
    listen: undefined,
    port: 0,
    observePort: 0,
    advertise: undefined,
    encrypt: true,
    config: undefined,
    priceAs: undefined,
    prices: undefined,
    json: false,
  });
});

test("prices of an unknown platform are bad usage, with a guess", () => {
  expect(parseRunOptions(["job.ts"], raw({ priceAs: "aws-arm64" })).priceAs).toBe("aws-arm64");
  const { code, message, hint } = refusedWith({ priceAs: "gogle" });
  expect([code, message]).toEqual(["USAGE", 'there is no price table for "gogle"']);
  expect(hint).toContain('Did you mean "google"?');
});

test("--relays needs a channel that uses them", () => {
  expect(parseRunOptions(["job.ts"], raw({ relays: "2", channel: "direct,relay" })).relays).toBe(2);
  expect(refusedWith({ relays: "2", channel: "direct,redis" })).toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("direct,relay"),
  });
  expect(refusedWith({ relays: "65" }).code).toBe("LIMIT");
});

test.each(["0", "100000", "1001", "-3"])(
  "--workers %s is out of bounds, and the bounds are named",
  (workers) => {
    const { code, message, hint } = refusedWith({ workers });
    expect(code).toBe("LIMIT");
    expect(message).toBe(`--workers ${workers} is out of bounds: 1 to 1000 workers`);
    expect(hint).toContain("from 1 to 1000");
  },
);

test.each(["", "four", "4.5", "0x10", "1e3", "Infinity", "NaN", " 4", "--4"])(
  "--workers %j is not a number",
  (workers) => {
    expect(refusedWith({ workers }).code).toBe("USAGE");
  },
);

test.each(["1", "1000", "+4"])("--workers %s is accepted", (workers) => {
  expect(parseRunOptions(["job.ts"], raw({ workers })).workers).toBe(Number(workers));
});

test("memory, timeout and port have their bounds", () => {
  expect(refusedWith({ memory: "127" }).code).toBe("LIMIT");
  expect(refusedWith({ memory: "10241" }).code).toBe("LIMIT");
  expect(refusedWith({ timeout: "0" }).code).toBe("LIMIT");
  expect(refusedWith({ timeout: "901" }).code).toBe("LIMIT");
  expect(refusedWith({ port: "65536" }).code).toBe("LIMIT");
  expect(parseRunOptions(["job.ts"], raw({ timeout: "2.5" })).timeoutMs).toBe(2500);
});

test("unknown names have their own codes, and the nearest is offered", () => {
  const nat = refusedWith({ nat: "symetric" });
  expect(nat.code).toBe("UNKNOWN_NAT_PROFILE");
  expect(nat.message).toBe('there is no NAT profile "symetric"');
  expect(nat.hint).toMatch(/^Did you mean "symmetric"\?/);
  expect(refusedWith({ channel: "dirct" })).toMatchObject({ code: "UNKNOWN_CHANNEL" });
  expect(refusedWith({ provider: "lambda" })).toMatchObject({
    code: "UNKNOWN_PROVIDER",
    hint: expect.stringMatching(/^Use one of: local, aws, /),
  });
});

test("an unquoted glob is recognised from the operands that it left", () => {
  const { code, message, hint } = refusal(() =>
    parseRunOptions(["job.ts", "b.txt", "c.txt", "d.txt", "e.txt"], raw()),
  );
  expect(code).toBe("USAGE");
  expect(message).toBe("one job is expected, and there is more: b.txt, c.txt, d.txt, …");
  expect(hint).toContain("quote it");
  expect(refusal(() => parseRunOptions(["a.ts", "b.ts"], raw())).hint).toBe("Run one job at a time.");
  expect(refusal(() => parseRunOptions([], raw())).hint).toContain("fnmesh run job.ts");
});

test("empty values from unset variables are refused", () => {
  expect(refusedWith({ output: "" }).code).toBe("USAGE");
  expect(refusedWith({ input: ["a", " "] }).code).toBe("USAGE");
});

test("params keep all behind the first =", () => {
  expect(parseParams(["top=20", "expr=a=b", "empty="])).toEqual({ top: "20", expr: "a=b", empty: "" });
  expect(Object.keys(parseParams(["__proto__=x"]))).toEqual(["__proto__"]);
});

test.each([["top"], ["=20"], ["9lives=1"], ["a b=1"]])("--param %s is refused", (text) => {
  expect(refusal(() => parseParams([text])).code).toBe("USAGE");
});

test("a param given twice is refused", () => {
  expect(refusal(() => parseParams(["a=1", "b=2", "a=3"])).message).toBe("--param a is given twice");
});
