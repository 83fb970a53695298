// The job as a user runs it, on a real picture: four workers make the file that one makes.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decode } from "fast-png";
import { expect, it } from "vitest";
import { root, runExample } from "../testing/run-example.ts";
import { readPng } from "./read-png.ts";
import { plainEdges } from "./testing/naive.ts";

const file = "node_modules/vega-datasets/data/ffox.png";
const edges = { input: [file], params: { filter: "edges" } };

it("finds the edges that the definition says, in one file whatever the workers", async () => {
  const { result, output } = await runExample("image-tiles", edges);
  const alone = await runExample("image-tiles", { ...edges, workers: 1 });
  expect(output.equals(alone.output)).toBe(true);
  expect(result).toEqual({ width: 100, height: 100, channels: 1, strips: 7 });
  const exact = plainEdges(readPng(await readFile(join(root, file))));
  const { data } = decode(output, { checkCrc: true });
  expect(data.length).toBe(exact.length);
  const off = exact.map((value, index) => Math.abs(value - data[index]!));
  expect(Math.max(...off)).toBeLessThan(0.5 + 1e-6);
});
