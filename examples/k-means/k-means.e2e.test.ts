// The job as a user runs it, on the places of all US ZIP codes, beside a plain sequential k-means.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runExample } from "../testing/run-example.ts";
import { plainKMeans } from "./testing/naive.ts";

interface Result {
  readonly rounds: number;
  readonly converged: boolean;
  readonly inertia: number;
  readonly clusters: readonly { points: number; centre: { latitude: number; longitude: number } }[];
}

const file = "node_modules/vega-datasets/data/zipcodes.csv";
const params = { k: 6, columns: "latitude,longitude", seed: 2 };

it("finds the centres that one machine finds", async () => {
  const [header, ...lines] = (await readFile(join(root, file), "utf8")).trimEnd().split("\n");
  const points = lines.map((line) => line.split(",").slice(1, 3).map(Number));
  const wanted = plainKMeans(points, params.k, params.seed);

  const { result, output } = await runExample<Result>("k-means", { input: [file], params });
  expect(result).toMatchObject({ rounds: wanted.rounds, converged: true });
  expect(result.inertia / wanted.inertia).toBeCloseTo(1, 12);
  for (const [index, { centre, points }] of result.clusters.entries()) {
    expect(centre.latitude).toBeCloseTo(wanted.centres[index]![0]!, 9);
    expect(centre.longitude).toBeCloseTo(wanted.centres[index]![1]!, 9);
    expect(points).toBe(wanted.nearest.filter((nearest) => nearest === index).length);
  }
  const labelled = lines.map((line, index) => `${line},${wanted.nearest[index]}\n`).join("");
  expect(output.toString() === `${header},cluster\n${labelled}`).toBe(true);
});
