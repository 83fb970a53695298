// The job as a user runs it: every setting is tried once, and scored as one machine scores it.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runExample } from "../testing/run-example.ts";
import type { Scored } from "./job.ts";
import { countRight } from "./nearest-neighbours.ts";
import { penguinsIn, standardised } from "./penguins.ts";
import { settingsUpTo } from "./settings.ts";

interface Result {
  readonly samples: number;
  readonly settings: number;
  readonly doneBy: readonly number[];
  readonly best: readonly Scored[];
}

const file = "node_modules/vega-datasets/data/penguins.json";

it("scores every setting once, on whoever is free", async () => {
  const samples = penguinsIn(await readFile(join(root, file), "utf8"));
  const scaled = { none: samples, standard: standardised(samples) };
  const settings = settingsUpTo(3);
  const wanted = settings.map((setting) => ({
    ...setting,
    right: countRight(scaled[setting.scale], setting),
  }));

  const { result, output } = await runExample<Result>("parameter-sweep", {
    input: [file],
    params: { neighbours: 3 },
  });
  expect(result).toMatchObject({ samples: 342, settings: settings.length });
  expect(result.doneBy.length).toBe(4);
  expect(result.doneBy[0]).toBe(0);
  expect(result.doneBy.reduce((sum, each) => sum + each, 0)).toBe(settings.length);
  const rows = wanted.map(({ scale, vote, exponent, neighbours, right }) =>
    [scale, vote, exponent, neighbours, right, 342].join("\t"),
  );
  expect(output.toString().split("\n").slice(1, -1)).toEqual(rows);
  expect(result.best).toEqual(wanted.toSorted((one, other) => other.right - one.right).slice(0, 3));
});
