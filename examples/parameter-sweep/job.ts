// Tries every setting of a classifier on real samples and says which are best. The settings are handed out one by one
// to whoever is free, as some take much longer than others.

import { defineJob, type Worker } from "fnmesh";
import * as v from "valibot";
import { handOut } from "./hand-out.ts";
import { countRight } from "./nearest-neighbours.ts";
import { penguinsIn, type Sample, standardised } from "./penguins.ts";
import { type Setting, settingsUpTo } from "./settings.ts";

const wholeNumber = (least: number, most: number) =>
  v.pipe(v.string(), v.digits(), v.transform(Number), v.minValue(least), v.maxValue(most));

const params = v.strictObject({
  /** The most neighbours to ask. */
  neighbours: v.optional(wholeNumber(1, 301), "15"),
  top: v.optional(wholeNumber(1, 1_000), "3"),
});

export type Scored = Setting & { readonly right: number };

export default defineJob({
  name: "parameter-sweep",
  params,
  async run(worker) {
    const samples = await worker.stage("read", async () => penguinsIn(await wholeInput(worker)));
    const scaled = { none: samples, standard: standardised(samples) };
    const settings = settingsUpTo(worker.params.neighbours);
    const act = (setting: Setting) => countRight(scaled[setting.scale], setting);
    const done = await worker.stage("sweep", () => handOut(worker, settings, act));
    if (done === undefined) return undefined;

    const scored = settings.map((setting, index): Scored => ({ ...setting, right: done.answers[index]! }));
    await worker.output.write(table(scored, samples));
    const best = scored.toSorted((one, other) => other.right - one.right).slice(0, worker.params.top);
    return { samples: samples.length, settings: settings.length, doneBy: done.doneBy, best };
  },
});

/** Every worker reads its part of the input and needs all of it. */
const wholeInput = async ({ input, allGather }: Pick<Worker, "input" | "allGather">): Promise<string> => {
  const mine = Buffer.concat(await Promise.all(input.map((split) => split.read())));
  return Buffer.concat(await allGather<Uint8Array>(mine)).toString("utf8");
};

const table = (scored: readonly Scored[], samples: readonly Sample[]): string =>
  ["scale\tvote\texponent\tneighbours\tright\tof"]
    .concat(
      scored.map(({ scale, vote, exponent, neighbours, right }) =>
        [scale, vote, exponent, neighbours, right, samples.length].join("\t"),
      ),
    )
    .join("\n")
    .concat("\n");
