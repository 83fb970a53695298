import { FnmeshError } from "@fnmesh/core";
import type { CostLine, JobReport } from "@fnmesh/orchestrator";
import { expect, test } from "vitest";
import { paint } from "../text/paint.ts";
import { costText } from "./cost-text.ts";
import { errorLine, errorLines } from "./error-view.ts";
import { failedReport } from "./failed-report.ts";
import { type ReportStyle, renderReport } from "./report-view.ts";
import { valueLines } from "./value-view.ts";

const style: ReportStyle = { columns: 100, colors: false, unicode: true, cwd: "/home/ada" };

function line(item: CostLine["item"], group: CostLine["group"], amount: number): CostLine {
  return { item, group, quantity: 1, unit: "GB-s", unitPrice: amount, amount, seen: "2025" };
}

const succeeded: JobReport = {
  job: {
    id: "j1",
    name: "reduce-by-key",
    status: "succeeded",
    workers: 8,
    provider: "local",
    nat: "restricted",
    channel: "auto",
    encrypted: true,
  },
  timing: { wallMs: 3210, launchMs: 800, connectMs: 120, runMs: 2300 },
  pairs: { direct: 28, relay: 0, redis: 0, memcached: 0, s3: 0 },
  paths: [],
  mappings: [],
  bytes: { direct: 12_300_000, relay: 0, store: 0 },
  stages: [
    { name: "map", tasks: 8, retries: 0, ms: 1200 },
    { name: "shuffle", tasks: 8, retries: 0, ms: 800 },
  ],
  cost: {
    currency: "USD",
    total: 0.002095,
    platform: "aws",
    title: "AWS x86",
    lines: [
      line("compute", "compute", 0.0018),
      line("invocations", "compute", 0.000095),
      line("s3-put", "requests", 0.0002),
    ],
    unpriced: [],
    comparison: true,
  },
  emitted: [],
  error: null,
  result: [
    { word: "the", count: 14_715 },
    { word: "of", count: 6742 },
  ],
};

test("a job that succeeded, exactly", () => {
  expect(renderReport(succeeded, { ...style, output: { file: "out.tsv", bytes: 1_234_567 } })).toEqual([
    "✔ reduce-by-key succeeded in 3.21 s",
    "",
    "  word   count",
    "  the   14,715",
    "  of     6,742",
    "",
    "workers  8 workers on local, NAT restricted, channel auto, encrypted",
    "stages   map      8 tasks  1.20 s",
    "         shuffle  8 tasks  0.80 s",
    "paths    28 direct",
    "bytes    12.3 MB direct",
    "times    launch 0.80 s, connect 0.12 s, run 2.30 s",
    "cost     $0.0021 as on AWS x86 (compute $0.0019, requests $0.00020); a comparison, no bill",
    "output   out.tsv, 1.2 MB",
  ]);
});

test("pairs that are not direct say why, the commonest reason first, and not without end", () => {
  const why = (count: number, path: "relay" | "redis", reason?: string) =>
    Array.from({ length: count }, (_, i) => ({
      ...{ ranks: [i, i + 1] as const, path, atMs: 5 },
      ...(reason === undefined ? {} : { reason }),
    }));
  const paths = [
    { ranks: [0, 9] as const, path: "direct" as const, atMs: 1 },
    ...why(2, "redis", "refused; relay: it\nbroke"),
    ...why(3, "relay", "neither NAT keeps one mapping for all destinations"),
    ...["a", "b", "c"].flatMap((reason) => why(1, "relay", reason)),
    ...why(1, "relay"),
    ...why(9, "relay", "channel is relay,s3-naive"),
  ];
  const lines = renderReport({ ...succeeded, paths }, style);
  const from = lines.findIndex((line) => line.startsWith("paths"));
  expect(lines.slice(from, from + 7)).toEqual([
    "paths    28 direct",
    "         3 relay: neither NAT keeps one mapping for all destinations",
    "         2 redis: refused; relay: it broke",
    "         1 relay: a",
    "         1 relay: b",
    "         2 for other reasons: --json has them",
    "bytes    12.3 MB direct",
  ]);
});

test("a job that threw shows the code, the rank, the person's own lines and the hint, and no result", () => {
  const report: JobReport = {
    ...succeeded,
    job: { ...succeeded.job, status: "failed", nat: "none", encrypted: false },
    stages: [],
    error: {
      code: "JOB_THREW",
      message: "boom\nand more",
      hint: "Look at the line above.",
      rank: 3,
      attempt: 1,
      stack:
        "Error: boom\nand more\n    at run (file:///home/ada/job.ts:3:7)\n    at go (/home/ada/lib/x.ts:1:2)\n    at file:///opt/x.js:1:1\n    at async go (/lib/node_modules/@fnmesh/providers/dist/local/entry.cjs:9:88459)\n    at async node:internal/main:3:1\n    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)",
    },
  };
  expect(
    renderReport(report, { ...style, unicode: false, output: { file: "out.tsv", bytes: 1_234_567 } }),
  ).toEqual([
    "failed: reduce-by-key failed after 3.21 s",
    "",
    "  JOB_THREW on rank 3, attempt 1: boom",
    "  and more",
    "    at run (job.ts:3:7)",
    "    at go (lib/x.ts:1:2)",
    "    at /opt/x.js:1:1",
    "  hint: Look at the line above.",
    "",
    "workers  8 workers on local, no NAT, channel auto, not encrypted",
    "paths    28 direct",
    "bytes    12.3 MB direct",
    "times    launch 0.80 s, connect 0.12 s, run 2.30 s",
    "cost     $0.0021 as on AWS x86 (compute $0.0019, requests $0.00020); a comparison, no bill",
  ]);
});

const shown = (value: unknown) => valueLines(value).map((line) => paint(line, style));

test.each<[string, unknown, string[]]>([
  ["nothing", undefined, []],
  ["text", "two\nlines", ["two", "lines"]],
  ["a number", 1234567.5, ["1,234,567.5"]],
  ["a truth", false, ["false"]],
  ["a list of scalars", ["a", 2, null], ["a", "2", "-"]],
  ["an empty list", [], ["(empty list)"]],
  [
    "a list of pairs",
    [
      ["the", 14],
      ["of", 6],
    ],
    ["the  14", "of    6"],
  ],
  ["records with holes", [{ a: 1 }, { b: "x" }], ["a  b", "1  -", "-  x"]],
  ["an object", { total: 3, name: "x" }, ["total  3", "name   x"]],
  ["a nested object", { top: [["the", 1]], deep: { er: true } }, ["top", "  the  1", "deep", "  er  true"]],
  ["a mixed list", [{ a: { b: 1 } }, "x"], ["- a", "    b  1", "- x"]],
])("a result that is %s", (_, value, lines) => {
  expect(shown(value)).toEqual(lines);
});

test("a long result is cut and says so, a hostile one cannot drive the terminal", () => {
  const long = shown(Array.from({ length: 1050 }, (_, i) => i));
  expect(long).toHaveLength(51);
  expect(long.at(-1)).toBe("… and 1,000 more: --json has them all");
  expect(shown({ "k\u001b[2J": "v\u001b]0;x\u0007" })).toEqual(["k  v"]);
});

test("a value that is nested too deep ends as JSON", () => {
  expect(shown([[[[[{ a: 1 }]]]]]).join("\n")).toContain('[{"a":1}]');
});

test("an error before there was a job is a whole report with zeros", () => {
  const report = failedReport(new FnmeshError("LIMIT", "--workers 0 is out of bounds", { hint: "Use 1." }));
  expect(report).toEqual({
    job: {
      id: "",
      name: "",
      status: "failed",
      workers: 0,
      provider: "",
      nat: "",
      channel: "auto",
      encrypted: true,
    },
    timing: { wallMs: 0, launchMs: 0, connectMs: 0, runMs: 0 },
    pairs: { direct: 0, relay: 0, redis: 0, memcached: 0, s3: 0 },
    paths: [],
    mappings: [],
    bytes: { direct: 0, relay: 0, store: 0 },
    stages: [],
    cost: {
      ...{ currency: "USD", total: 0, platform: "aws", title: "AWS x86" },
      ...{ lines: [], unpriced: [], comparison: true },
    },
    emitted: [],
    error: { code: "LIMIT", message: "--workers 0 is out of bounds", hint: "Use 1." },
    result: null,
  });
  expect(Object.keys(report)).toEqual(Object.keys(succeeded));
});

test("what has no price is named beside the cost, and nothing costs nothing", () => {
  const { cost } = failedReport(new FnmeshError("LIMIT", "x"), {
    ...{ workers: "1", provider: "local", nat: "none", channel: "auto" },
    ...{
      memory: "512",
      timeout: "9",
      port: "0",
      observePort: "0",
      encrypt: true,
      priceAs: "google",
      relays: "0",
    },
  });
  expect(costText(cost)).toBe("$0 as on Google; a comparison, no bill");
  expect(costText({ ...cost, unpriced: ["relay-traffic"] })).toBe(
    "$0 as on Google; no price is known for relay-traffic; a comparison, no bill",
  );
  expect(costText({ ...cost, comparison: false })).toBe("$0 on Google");
});

test("only a defect of fnmesh carries its stack", () => {
  expect(failedReport(new FnmeshError("INTERNAL", "x")).error?.stack).toContain("report-view.test");
  expect(failedReport(new FnmeshError("CANCELLED", "interrupted")).job.status).toBe("cancelled");
});

test("one line for logs takes the message's first", () => {
  expect(errorLine({ code: "JOB_COMPILE", message: "a\nb" })).toBe("fnmesh: JOB_COMPILE: a");
  expect(errorLines({ code: "LIMIT", message: "m" }, "/").map((line) => paint(line, style))).toEqual([
    "LIMIT: m",
  ]);
});

test("says of an output that nothing is in it", () => {
  const lines = renderReport(succeeded, { ...style, output: { file: "out.tsv", bytes: 0 } });
  expect(lines.at(-1)).toBe("output   out.tsv, empty: the job wrote nothing");
});
