// What a run costs, as a user sees it: in the report, at the prices of another platform, and at prices of their own.

import type { JobReport } from "@fnmesh/orchestrator";
import { afterAll, expect, test } from "vitest";
import { openBench } from "./testing/command.ts";
import { jobs } from "./testing/jobs.ts";

const bench = openBench(jobs);
afterAll(() => bench.close());

test("a run has a cost: above zero, and the sum of its lines", async () => {
  const { code, stdout } = await bench.run("run", "greets.ts", "--workers", "2", "--json");
  expect(code).toBe(0);
  const { cost } = JSON.parse(stdout) as JobReport;
  expect(cost).toMatchObject({ currency: "USD", platform: "aws", title: "AWS x86", unpriced: [] });
  expect(cost.total).toBeGreaterThan(0);
  expect(cost.lines.reduce((sum, { amount }) => sum + amount, 0)).toBeCloseTo(cost.total, 12);
  expect(cost.lines.map(({ item }) => item)).toEqual(["compute", "invocations", "orchestrator", "address"]);
  expect(cost.lines[1]).toMatchObject({ quantity: 2, unit: "invocation", amount: 0.0000004 });
});

test("a person reads it on one line, at the prices that they asked for", async () => {
  bench.write("mine.json", JSON.stringify({ google: { invocations: 1_000_000 } }));
  const prices = ["--price-as", "google", "--prices", "mine.json"];
  const { code, stdout } = await bench.run("run", "greets.ts", "--workers", "2", ...prices);
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^cost {5}\$2\.00 as on Google \(compute \$2\.00, servers \S+\); no price is known for direct-traffic; a comparison, no bill$/m,
  );
});

test.each<[string, string[], string, RegExp, RegExp]>([
  ["an unknown platform", ["--price-as", "aws-arm"], "USAGE", /"aws-arm"/, /"aws-arm64"/],
  [
    "no file",
    ["--prices", "absent.json"],
    "INVALID_ARGUMENT",
    /absent\.json cannot be read/,
    /fnmesh prices/,
  ],
  ["no JSON", ["--prices", "throws.ts"], "INVALID_ARGUMENT", /throws\.ts is not JSON/, /fnmesh prices/],
  ["a wrong field", ["--prices", "bad.json"], "INVALID_ARGUMENT", /prices\.aws\.relay: /, /fnmesh prices/],
])("%s: what is wrong, and a whole report without a cost", async (_, args, code, message, hint) => {
  bench.write("bad.json", '{ "aws": { "relay": "cheap" } }');
  const ended = await bench.run("run", "greets.ts", ...args, "--json");
  expect(ended.code).toBe(2);
  const { error, cost } = JSON.parse(ended.stdout) as JobReport;
  expect(error).toMatchObject({
    code,
    message: expect.stringMatching(message),
    hint: expect.stringMatching(hint),
  });
  expect(cost).toMatchObject({ total: 0, lines: [] });
});

test("a file of settings has prices and a platform too; the command line goes before it", async () => {
  const config = { priceAs: "azure", prices: { azure: { invocations: 1_000_000 }, google: { address: 7 } } };
  bench.write("set/fnmesh.config.json", JSON.stringify(config));
  bench.write("set/job.ts", jobs["greets.ts"]);
  bench.write("mine.json", JSON.stringify({ azure: { invocations: 2_000_000 } }));
  const costOf = async (...args: string[]) => {
    const { stdout } = await bench.run("run", "set/job.ts", "--workers", "1", "--json", ...args);
    return (JSON.parse(stdout) as JobReport).cost;
  };
  expect(await costOf()).toMatchObject({ platform: "azure", lines: [{}, { unitPrice: 1 }, {}, {}] });
  expect(await costOf("--prices", "mine.json")).toMatchObject({ lines: [{}, { unitPrice: 2 }, {}, {}] });
  const google = await costOf("--price-as", "google");
  expect(google.lines.at(-1)).toMatchObject({ item: "address", unitPrice: 7, seen: "given" });
  bench.write("set/fnmesh.config.json", JSON.stringify({ priceAs: "nowhere" }));
  const { code, stdout } = await bench.run("run", "set/job.ts", "--json");
  expect(code).toBe(2);
  expect((JSON.parse(stdout) as JobReport).error).toMatchObject({
    code: "INVALID_ARGUMENT",
    message: 'there are no prices of a platform "nowhere"',
  });
});

test("fnmesh prices shows the table in force, as text and as one document", async () => {
  bench.write("mine.json", JSON.stringify({ aws: { use: ["s3-express"], relay: 1 } }));
  const text = await bench.run("prices");
  expect([text.code, text.stderr]).toEqual([0, ""]);
  expect(text.stdout).toMatch(/^s3-put +0\.005 +1,000 requests +2025 +\S/m);
  const document = await bench.run("prices", "--prices", "mine.json", "--json");
  const { currency, platforms } = JSON.parse(document.stdout);
  expect(currency).toBe("USD");
  expect(platforms.aws.prices.relay).toEqual({ amount: 1, seen: "given", source: "given" });
  expect(platforms.aws.prices["s3-written"].amount).toBe(0.0032);
});
