// What the pair scenario measures, and how its samples become rows and ratios.

import type { Outcome, Row } from "./scenario.ts";
import { median, rounded } from "./statistics.ts";

/** In the order of their turns: each of fnmesh's two beside its rival. */
export const kinds = ["fnmesh encrypted", "tls", "fnmesh plain", "net"] as const;
export type Kind = (typeof kinds)[number];

// `count` messages one way, then `pings` there and back, take about 0.2 s: short turns, so that whatever else the
// machine does disturbs all kinds alike.
export const sizes = [
  { name: "64B", bytes: 64, count: 20_000, pings: 1_000 },
  { name: "64KiB", bytes: 64 * 1024, count: 2_000, pings: 300 },
  { name: "1MiB", bytes: 1024 * 1024, count: 160, pings: 50 },
] as const;
export type Size = (typeof sizes)[number];

/** One turn of one kind. */
export interface Sample {
  readonly kind: Kind;
  readonly size: Size["name"];
  /** For the size's `count` messages, until the receiver has them all. */
  readonly sendMs: number;
  readonly roundTripUs: number;
}

const comparisons = [
  { kind: "fnmesh encrypted", rival: "tls", to: "ToRawTls" },
  { kind: "fnmesh plain", rival: "net", to: "ToRawTcp" },
] as const;

/** Throughput ratios: more is better. Round trip ratios: less is better. */
export function outcome(samples: readonly Sample[]): Outcome {
  const figures = new Map(
    kinds.flatMap((kind) => sizes.map((size) => [`${kind} ${size.name}`, figure(samples, kind, size)])),
  );
  const of = (kind: Kind, size: Size) => figures.get(`${kind} ${size.name}`)!;
  const rows: Row[] = sizes.flatMap((size) =>
    kinds.map((kind) => {
      const { sendMs, roundTripUs } = of(kind, size);
      const perSecond = (size.count / sendMs) * 1000;
      return {
        message: size.name,
        kind,
        mibPerSecond: rounded((perSecond * size.bytes) / 2 ** 20),
        messagesPerSecond: Math.round(perSecond),
        roundTripUs: rounded(roundTripUs),
      };
    }),
  );
  const ratios: Record<string, number> = {};
  for (const { kind, rival, to } of comparisons) {
    for (const size of sizes) {
      ratios[`throughput${to}.${size.name}`] = rounded(of(rival, size).sendMs / of(kind, size).sendMs);
      ratios[`roundTrip${to}.${size.name}`] = rounded(
        of(kind, size).roundTripUs / of(rival, size).roundTripUs,
      );
    }
  }
  return { rows, ratios };
}

function figure(samples: readonly Sample[], kind: Kind, size: Size) {
  const own = samples.filter((sample) => sample.kind === kind && sample.size === size.name);
  return {
    sendMs: median(own.map(({ sendMs }) => sendMs)),
    roundTripUs: median(own.map(({ roundTripUs }) => roundTripUs)),
  };
}
