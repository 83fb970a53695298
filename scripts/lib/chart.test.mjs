import { describe, expect, test } from "vitest";
import { chart } from "./chart.mjs";

const row = (channel, totals, costUsd) => {
  const [launchMs, connectMs, computeMs, communicateMs, endMs] = totals;
  const totalMs = totals.reduce((sum, ms) => sum + ms, 0);
  const common = {
    setting: "cloud",
    workers: 128,
    rounds: 1,
    keys: "uniform",
    megabytes: 256.1,
    repetitions: 3,
  };
  return { channel, ...common, launchMs, connectMs, computeMs, communicateMs, endMs, totalMs, costUsd };
};
const report = {
  scenario: "reduce-by-key",
  environment: { date: "2026-01-02T03:04:05Z", cpu: "A <fast> & cool one", cores: 2, node: "20.19.0" },
  rows: [row("direct", [50, 100, 20, 25, 5], 0.001), row("s3-naive", [50, 40, 20, 7880, 10], 0.1)],
  ratios: { "timeOver.s3-naive": 40, "costOver.s3-naive": 100 },
  details: { shape: { dilation: 64 } },
};

const rects = (svg) =>
  [...svg.matchAll(/<rect class="(\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="20"\/>/g)].map(
    ([, name, x, y, width]) => ({ name, x: Number(x), y: Number(y), width: Number(width) }),
  );

describe("the chart", () => {
  test("has bars as long as their times, from a common zero, phase after phase", () => {
    const bars = rects(chart(report)).filter(({ name }) => name !== "cost");
    const [direct, naive] = [96, 132].map((at) => bars.filter(({ y }) => y === at));
    expect(direct.map(({ name }) => name)).toEqual(["launch", "connect", "compute", "communicate", "end"]);
    const length = (list) => list.reduce((sum, { width }) => sum + width, 0);
    expect(length(naive) / length(direct)).toBeCloseTo(8000 / 200, 0);
    expect(direct[0].x).toBe(naive[0].x);
    for (const list of [direct, naive])
      for (let index = 1; index < list.length; index += 1)
        expect(list[index].x).toBeCloseTo(list[index - 1].x + list[index - 1].width, 0);
  });

  test("has cost bars in proportion, and says times, costs and ratios", () => {
    const svg = chart(report);
    const [one, other] = rects(svg).filter(({ name }) => name === "cost");
    expect(other.width / one.width).toBeCloseTo(100, 0);
    expect(svg).toContain(">8 s (40×)<");
    expect(svg).toContain(">10 ¢ (100×)<");
    expect(svg).toContain(">200 ms<");
    expect(svg).toContain("time dilated 64 times");
  });

  test("begins its axes at 0, reads on dark ground, and escapes what it is given", () => {
    const svg = chart(report);
    expect(svg).toContain(">0 ms<");
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg).toContain("A &lt;fast&gt; &amp; cool one");
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test("does without costs where there are none", () => {
    const svg = chart({ ...report, rows: report.rows.map(({ costUsd: _, ...rest }) => rest) });
    expect(rects(svg).some(({ name }) => name === "cost")).toBe(false);
    expect(svg).not.toMatch(/NaN|undefined/);
  });

  test("is only for reduce-by-key", () => {
    expect(() => chart({ scenario: "mesh" })).toThrow("mesh");
  });
});
