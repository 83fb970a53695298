import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { defineJob } from "fnmesh";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import { handOut } from "./hand-out.ts";
import job from "./job.ts";
import { countRight, guess } from "./nearest-neighbours.ts";
import { penguinsIn, standardised } from "./penguins.ts";
import { settingsUpTo } from "./settings.ts";

const file = new URL("../../node_modules/vega-datasets/data/penguins.json", import.meta.url);
const text = await readFile(file, "utf8");
const penguins = penguinsIn(text);

describe("tasks that are handed out", () => {
  it("are done once each, whatever their number and the workers'", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(12), fc.integer({ min: 1, max: 6 }), fc.nat(), async (count, workers, seed) => {
        const tasks = Array.from({ length: count }, (_, index) => index);
        // All workers are in this process.
        const done: number[] = [];
        const squares = defineJob({
          run: (worker) =>
            handOut(worker, tasks, (task: number) => {
              done.push(task);
              return task * task;
            }),
        });
        const { result } = await runJob(squares, { workers, seed, encrypt: false });
        expect(done.toSorted((one, other) => one - other)).toEqual(tasks);
        expect(result?.answers).toEqual(tasks.map((task) => task * task));
        expect(result?.doneBy.reduce((sum, each) => sum + each, 0)).toBe(count);
      }),
      { numRuns: 12 },
    );
  });

  it("go to whoever is free: one slow worker keeps nobody waiting", async () => {
    const tasks = Array.from({ length: 30 }, (_, index) => index);
    // Worker 1 goes on when all is done but what it has in hand, and what is on its way to it.
    let goOn = () => {};
    const othersAreDone = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let done = 0;
    const uneven = defineJob({
      run: (worker) =>
        handOut(worker, tasks, async () => {
          if (worker.rank === 1) await othersAreDone;
          done += 1;
          if (done === tasks.length - 2) goOn();
        }),
    });
    const { result } = await runJob(uneven, { workers: 4 });
    expect(result?.doneBy[0]).toBe(0);
    expect(result?.doneBy[1]).toBe(2);
  });

  it("fail the job when one fails, with its error", async () => {
    const failing = defineJob({
      run: (worker) =>
        handOut(worker, [1, 2, 3, 4], (task) => {
          if (task === 3) throw new RangeError("no such setting");
        }),
    });
    await expect(runJob(failing, { workers: 3 })).rejects.toMatchObject({
      code: "JOB_THREW",
      message: /no such setting/,
    });
  });
});

describe("penguins", () => {
  it("are those of whom all was measured", () => {
    expect(penguins.length).toBe(342);
    expect(penguins[0]).toEqual({ measured: [39.1, 18.7, 181, 3750], species: "Adelie" });
    for (const text of ["[", "{}", "[]", "[1]", '[{"Species": "Adelie"}]'])
      expect(() => penguinsIn(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  it("have measures of one size when they are standardised", () => {
    for (const feature of [0, 1, 2, 3]) {
      const values = standardised(penguins).map(({ measured }) => measured[feature]!);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 9);
      expect(values.reduce((sum, value) => sum + value * value, 0) / values.length).toBeCloseTo(1, 9);
    }
  });
});

describe("nearest neighbours", () => {
  const samples = [
    { measured: [0, 0], species: "a" },
    { measured: [3, 3], species: "b" },
    { measured: [5, 0], species: "c" },
    { measured: [5, 1], species: "c" },
  ];

  it("are near by the exponent's distance, and vote", () => {
    // From (0, 0): b is 6, or 4.2, away; c is 5 and 6, or 5 and 5.1.
    const equal = { neighbours: 1, vote: "equal" } as const;
    expect(guess(samples, samples[0]!, { ...equal, exponent: 1 })).toBe("c");
    expect(guess(samples, samples[0]!, { ...equal, exponent: 2 })).toBe("b");
    expect(guess(samples, samples[0]!, { ...equal, exponent: 2, neighbours: 3 })).toBe("c");
    expect(countRight(samples, { ...equal, exponent: 1 })).toBe(2);
  });

  it("count for more when they are nearer, if they vote by distance", () => {
    const line = [0, 1, 4, 5].map((at) => ({ measured: [at], species: at < 2 ? "a" : "b" }));
    const guessed = (vote: "equal" | "by distance") =>
      guess(line, line[0]!, { neighbours: 3, exponent: 2, vote });
    expect([guessed("equal"), guessed("by distance")]).toEqual(["b", "a"]);
  });
});

describe("the sweep", () => {
  it("says the same on any number of workers: what one does after the other", async () => {
    const settings = settingsUpTo(1);
    const scaled = { none: penguins, standard: standardised(penguins) };
    const right = settings.map((setting) => countRight(scaled[setting.scale], setting));
    const runs = [1, 3].map((workers) =>
      runJob(job, { workers, params: { neighbours: "1", top: "1" }, input: [text] }),
    );
    for (const { output, result } of await Promise.all(runs)) {
      const rows = output.trimEnd().split("\n").slice(1);
      expect(rows.map((row) => Number(row.split("\t")[4]))).toEqual(right);
      expect(result?.best[0]?.right).toBe(Math.max(...right));
    }
  });
});
