// The penguins of Palmer Station: what was measured of each, and its species. Reads the form in which the package
// vega-datasets has them.

import { FnmeshError } from "fnmesh";

export interface Sample {
  /** One number for each of `features`. */
  readonly measured: readonly number[];
  readonly species: string;
}

export const features = [
  "Beak Length (mm)",
  "Beak Depth (mm)",
  "Flipper Length (mm)",
  "Body Mass (g)",
] as const;

type Row = { readonly [name: string]: unknown };

/** Penguins of which all was measured. Throws INVALID_ARGUMENT for a text that is no list of penguins. */
export function penguinsIn(text: string): Sample[] {
  const rows = rowsIn(text);
  const complete = rows.filter((row) => features.every((name) => typeof row[name] === "number"));
  if (complete.length === 0) throw malformed("nothing was measured of any penguin");
  return complete.map((row) => ({
    measured: features.map((name) => row[name] as number),
    species: String(row.Species),
  }));
}

function rowsIn(text: string): Row[] {
  try {
    const rows: unknown = JSON.parse(text);
    if (Array.isArray(rows) && rows.every((row) => typeof row === "object" && row !== null))
      return rows as Row[];
  } catch (cause) {
    throw malformed("it is not JSON", cause);
  }
  throw malformed("it is not a list of objects");
}

const malformed = (why: string, cause?: unknown) =>
  new FnmeshError("INVALID_ARGUMENT", `the input has no penguins: ${why}`, {
    cause,
    hint: "Give the file of the package: --input node_modules/vega-datasets/data/penguins.json",
  });

/** The same samples with each measure's mean at 0 and its standard deviation at 1. */
export function standardised(samples: readonly Sample[]): Sample[] {
  const columns = (samples[0]?.measured ?? []).map((_, feature) => {
    const values = samples.map(({ measured }) => measured[feature]!);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return samples.map(({ measured, species }) => ({
    species,
    measured: measured.map(
      (value, feature) => (value - columns[feature]!.mean) / columns[feature]!.deviation,
    ),
  }));
}
