// What the mesh scenario measures, and how it becomes rows and ratios.

import type { Outcome, Percentiles, Row } from "./scenario.ts";
import { median, percentile, rounded } from "./statistics.ts";

export const phases = ["introduce", "dial", "handshake", "probe"] as const;
export type Phase = (typeof phases)[number];

/** One mesh that was made. */
export interface MeshSample {
  readonly pairs: number;
  readonly direct: number;
  /** Why others are not, each reason once. */
  readonly reasons?: readonly string[];
  /** From the last join to the last pair connected. */
  readonly ms: number;
  /** How long the pairs took, each seen from its lower rank. */
  readonly pairMs: Percentiles;
  readonly phases?: Readonly<Record<Phase, Percentiles>>;
}

export const meshKinds = ["fnmesh encrypted", "fnmesh plain", "bare sockets"] as const;
export type MeshKind = (typeof meshKinds)[number];

export function percentiles(values: readonly number[]): Percentiles {
  return { p50Ms: rounded(median(values)), p99Ms: rounded(percentile(values, 0.99)) };
}

export function meshOutcome(workers: number, samples: ReadonlyMap<MeshKind, readonly MeshSample[]>): Outcome {
  const typical = (kind: MeshKind) => middle(samples.get(kind)!);
  const rows: Row[] = meshKinds.map((kind) => {
    const { pairs, direct, reasons = [], ms, pairMs, phases = {} } = typical(kind);
    const why = reasons.length === 0 ? {} : { reasons: reasons.join("; ") };
    return { kind, workers, pairs, direct, ms: Math.round(ms), ...pairMs, ...phases, ...why };
  });
  const bare = typical("bare sockets").ms;
  return {
    rows,
    ratios: {
      "meshToBareSockets.encrypted": rounded(typical("fnmesh encrypted").ms / bare),
      "meshToBareSockets.plain": rounded(typical("fnmesh plain").ms / bare),
    },
  };
}

/** The sample with the median time: its percentiles and phases belong together. An even count takes the slower. */
function middle(samples: readonly MeshSample[]): MeshSample {
  const sorted = [...samples].sort((a, b) => a.ms - b.ms);
  return sorted[sorted.length >> 1]!;
}
