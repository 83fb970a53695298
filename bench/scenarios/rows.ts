// Rows of datasets to bytes and back: fnmesh's columns beside the engine's structured clone, msgpackr (with its native
// part, if it could be installed, and with what makes it keep dates, maps and cycles) and JSON. One thread, no network.

import { deserialize, serialize } from "node:v8";
import { decodeRows, encodeRows } from "@fnmesh/core/internal";
import { Packr } from "msgpackr";
import type { Outcome, Scenario } from "../lib/scenario.ts";
import { median, rounded } from "../lib/statistics.ts";
import { shapes } from "../records/rows.ts";

const presetRepetitions = 50;
/** As many as a worker sends another at once. */
const rowsAtOnce = 4096;

interface Codec {
  encode(rows: readonly unknown[]): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

const packr = () => new Packr({ structuredClone: true, useRecords: true });

const codecs: Readonly<Record<string, Codec>> = {
  columns: { encode: encodeRows, decode: decodeRows },
  clone: { encode: serialize, decode: deserialize },
  // A reader of its own each time: a receiver has rows of many senders.
  msgpackr: { encode: (all) => packr().pack(all), decode: (bytes) => packr().unpack(bytes) },
  json: {
    encode: (all) => Buffer.from(JSON.stringify(all)),
    decode: (bytes) => JSON.parse(Buffer.from(bytes).toString()),
  },
};

interface Sample {
  readonly shape: string;
  readonly codec: string;
  readonly encodeUs: number;
  readonly decodeUs: number;
  readonly bytes: number;
}

export const rows: Scenario = {
  summary: "rows of datasets to bytes and back, beside structured clone, msgpackr and JSON",
  async run({ repetitions = presetRepetitions, signal }) {
    const samples: Sample[] = [];
    const inputs = Object.entries(shapes).map(
      ([name, make]) => [name, Array.from({ length: rowsAtOnce }, make)] as const,
    );
    for (let turn = -1; turn < repetitions; turn += 1) {
      for (const [shape, input] of inputs) {
        for (const codec of Object.keys(codecs)) {
          signal.throwIfAborted();
          const sample = measure(shape, codec, input);
          if (turn >= 0) samples.push(sample); // The turn before the first one warms up.
        }
      }
    }
    return outcomeOf(samples);
  },
};

function measure(shape: string, codec: string, input: readonly unknown[]): Sample {
  const { encode, decode } = codecs[codec]!;
  const begun = performance.now();
  const bytes = encode(input);
  const encoded = performance.now();
  decode(bytes);
  const decoded = performance.now();
  return {
    ...{ shape, codec, bytes: bytes.length },
    ...{ encodeUs: (encoded - begun) * 1000, decodeUs: (decoded - encoded) * 1000 },
  };
}

function outcomeOf(samples: readonly Sample[]): Outcome {
  const of = (shape: string, codec: string) => {
    const own = samples.filter((sample) => sample.shape === shape && sample.codec === codec);
    const [encodeUs, decodeUs] = [median(own.map((s) => s.encodeUs)), median(own.map((s) => s.decodeUs))];
    return { shape, codec, bytesPerRow: own[0]!.bytes / rowsAtOnce, encodeUs, decodeUs };
  };
  const figures = Object.keys(shapes).flatMap((shape) =>
    Object.keys(codecs).map((codec) => of(shape, codec)),
  );
  const ratios: Record<string, number> = {};
  for (const { shape, codec, bytesPerRow, encodeUs, decodeUs } of figures) {
    if (codec === "columns") continue;
    const ours = of(shape, "columns");
    ratios[`timeOver.${codec}.${shape}`] = rounded((encodeUs + decodeUs) / (ours.encodeUs + ours.decodeUs));
    ratios[`bytesOver.${codec}.${shape}`] = rounded(bytesPerRow / ours.bytesPerRow);
  }
  return {
    rows: figures.map((figure) => ({
      ...figure,
      bytesPerRow: rounded(figure.bytesPerRow),
      encodeUs: Math.round(figure.encodeUs),
      decodeUs: Math.round(figure.decodeUs),
    })),
    ratios,
  };
}
