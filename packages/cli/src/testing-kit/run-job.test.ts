import { defineJob } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";
import { ring } from "./run-job.suite.ts";

describe("a job in a test", () => {
  it("runs on four workers behind NATs like Lambda's, and says how it went", async () => {
    const { result, results, connections, report, output, logs } = await runJob(ring);
    expect([result, results]).toEqual([3, [3, 0, 1, 2]]);
    expect(connections.flat().map(({ path }) => path)).toEqual(Array(8).fill("direct"));
    expect(report.job).toMatchObject({ name: "ring", status: "succeeded", workers: 4, nat: "restricted" });
    expect([output, logs]).toEqual(["", []]);
  });

  it("has parameters, logs, stages, collectives, barriers and an output by rank", async () => {
    const job = defineJob({
      async run({ rank, params, log, stage, allReduce, barrier, emit, output }) {
        const sum = await stage("add", () => allReduce(rank * Number(params.by), "sum"));
        await barrier();
        if (rank === 1) log.warn("one", { sum });
        if (rank === 2) emit({ sum });
        await output.write(`${rank}: ${sum}\n`);
        await output.write(new Uint8Array([0x21, 10]));
        return new Map([[rank, sum]]);
      },
    });
    const run = await runJob(job, { workers: 3, params: { by: "10" } });
    expect(run.output).toBe("0: 30\n!\n1: 30\n!\n2: 30\n!\n");
    expect(run.outputParts.map(String)).toEqual(["0: 30\n!\n", "1: 30\n!\n", "2: 30\n!\n"]);
    expect(run.logs).toEqual([{ rank: 1, level: "warn", message: 'one {"sum":30}' }]);
    expect(run.report.stages).toMatchObject([{ name: "add", tasks: 3 }]);
    expect(run.report.emitted).toEqual([{ rank: 2, value: { sum: 30 } }]);
    // A Map is nothing that JSON has: what a real run would show is shown here.
    expect(run.result).toEqual({});
    expect(run.results[2]).toEqual(new Map([[2, 30]]));
  });

  it("is the same at every run with one seed, and another with another", async () => {
    const timesOf = async (seed: number) => {
      const { report, connections } = await runJob(ring, { seed, link: { jitterMs: 50, synLoss: 0.1 } });
      return [report.timing, report.paths, connections];
    };
    expect(await timesOf(7)).toEqual(await timesOf(7));
    expect(await timesOf(7)).not.toEqual(await timesOf(8));
  });

  it("takes what channel and NATs allow", async () => {
    const pathsWith = async (options: Parameters<typeof runJob>[1]) => {
      const { report } = await runJob(ring, { workers: 2, ...options });
      return report.paths.map(({ path }) => path);
    };
    expect(await pathsWith({ nat: ["symmetric", "none"] })).toEqual(["direct"]);
    expect(await pathsWith({ nat: "symmetric" })).toEqual(["relay"]);
    expect(await pathsWith({ channel: "relay", encrypt: false })).toEqual(["relay"]);
  });
});
