import { expect, test } from "vitest";
import { type Kind, kinds, outcome, type Sample, sizes } from "./pair-figures.ts";

const sendMs: Record<Kind, number> = { "fnmesh encrypted": 125, tls: 100, "fnmesh plain": 50, net: 40 };
const roundTripUs: Record<Kind, number> = { "fnmesh encrypted": 60, tls: 50, "fnmesh plain": 30, net: 25 };

/** Three turns, of which one was disturbed. */
const samples: Sample[] = [1, 1, 40].flatMap((noise) =>
  kinds.flatMap((kind) =>
    sizes.map(({ name }) => ({
      kind,
      size: name,
      sendMs: sendMs[kind] * noise,
      roundTripUs: roundTripUs[kind] * noise,
    })),
  ),
);

test("a ratio is fnmesh's figure by its rival's: more is better for throughput, less for round trips", () => {
  const { ratios } = outcome(samples);
  expect(ratios["throughputToRawTls.1MiB"]).toBe(0.8);
  expect(ratios["throughputToRawTcp.64KiB"]).toBe(0.8);
  expect(ratios["roundTripToRawTls.64B"]).toBe(1.2);
  expect(ratios["roundTripToRawTcp.64B"]).toBe(1.2);
  expect(Object.keys(ratios)).toHaveLength(12);
});

test("a row for each size and kind, in units that its names say", () => {
  const { rows } = outcome(samples);
  expect(rows).toHaveLength(12);
  expect(rows.find((row) => row.message === "1MiB" && row.kind === "tls")).toEqual({
    message: "1MiB",
    kind: "tls",
    mibPerSecond: 1600,
    messagesPerSecond: 1600,
    roundTripUs: 50,
  });
});
