// How soon a cold worker is there: from the moment at which its process is asked for until it has joined its job,
// beside a bare Node process that dials and says hello.

import { once } from "node:events";
import net from "node:net";
import { join } from "node:path";
import { startChild } from "../lib/child.ts";
import { withCleanup } from "../lib/cleanup.ts";
import { startFnmesh, succeeded } from "../lib/fnmesh.ts";
import type { Outcome, Scenario, ScenarioOptions } from "../lib/scenario.ts";
import { median, percentile, rounded } from "../lib/statistics.ts";

const presetRepetitions = 20;

export const start: Scenario = {
  summary: "process start to joined, beside a bare Node process that says hello",
  async run(options) {
    const repetitions = options.repetitions ?? presetRepetitions;
    const worker: number[] = [];
    const bare: number[] = [];
    // The first turn reads the programs from the disk, and does not count.
    for (let turn = 0; turn <= repetitions; turn += 1) {
      options.signal.throwIfAborted();
      const times = [await startWorker(options), await startBare(options)] as const;
      if (turn === 0) continue;
      worker.push(times[0]);
      bare.push(times[1]);
    }
    return outcome(worker, bare);
  },
};

function outcome(worker: readonly number[], bare: readonly number[]): Outcome {
  const row = (kind: string, times: readonly number[]) => ({
    kind,
    starts: times.length,
    p50Ms: rounded(median(times)),
    p90Ms: rounded(percentile(times, 0.9)),
  });
  return {
    rows: [row("fnmesh worker joined", worker), row("bare node said hello", bare)],
    ratios: { startToBareNode: rounded(median(worker) / median(bare)) },
  };
}

/** A new provider each time: no warm container, nothing kept. */
function startWorker({ bundles }: ScenarioOptions): Promise<number> {
  return withCleanup(async (defer) => {
    const fnmesh = await startFnmesh({});
    defer(() => fnmesh.close());
    const job = await fnmesh.submit({ bundle: join(bundles, "jobs/start.mjs"), workers: 1, encrypt: true });
    return (await succeeded(job)).timing.launchMs;
  });
}

function startBare({ bundles, signal }: ScenarioOptions): Promise<number> {
  return withCleanup(async (defer) => {
    const server = net.createServer().listen({ host: "127.0.0.1", port: 0 });
    defer(() => void server.close());
    await once(server, "listening");
    const { port } = server.address() as net.AddressInfo;
    const begin = performance.now();
    const child = startChild([process.execPath, join(bundles, "rivals/start.cjs"), String(port)]);
    defer(() => child.stop());
    const said = once(server, "connection", { signal }).then(async ([socket]) => {
      await once(socket as net.Socket, "data", { signal });
      return performance.now() - begin;
    });
    return await Promise.race([said, child.failed]);
  });
}
