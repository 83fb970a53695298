// The job as a user runs it, on real airports and flights, beside a plain join.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runExample } from "../testing/run-example.ts";

const files = ["airports", "flights-airport"].map((name) => `node_modules/vega-datasets/data/${name}.csv`);

/** Lines of fields, of which some are quoted. */
async function rows(file: string): Promise<string[][]> {
  const lines = (await readFile(join(root, file), "utf8")).trimEnd().split(/\r?\n/).slice(1);
  return lines.map((line) =>
    [...line.matchAll(/("([^"]*)"|[^,]*)(,|$)/g)].map(([, whole, quoted]) => quoted ?? whole!).slice(0, 7),
  );
}

it("counts each state's flights as a plain join does", async () => {
  const [airports, flights] = await Promise.all(files.map(rows));
  const stateOf = new Map(airports!.map(([iata, , , state]) => [iata!, state!]));
  const wanted = new Map<string, number>();
  for (const [origin, destination, count] of flights!) {
    const state = stateOf.get(origin!);
    if (state === undefined || !stateOf.has(destination!)) continue;
    wanted.set(state, (wanted.get(state) ?? 0) + Number(count));
  }
  const inOrder = [...wanted].sort(([one, less], [other, more]) => more - less || (one < other ? -1 : 1));

  const { result, output } = await runExample<{ states: number; busiest: string }>("csv-join", {
    input: files,
  });
  expect(result).toMatchObject({ states: wanted.size, busiest: inOrder[0]![0] });
  const [header, ...lines] = output.toString().trimEnd().split("\n");
  expect(header).toBe("state,flights,averageMiles");
  expect(lines.map((line) => line.split(",").slice(0, 2).join())).toEqual(inOrder.map((pair) => pair.join()));
});
