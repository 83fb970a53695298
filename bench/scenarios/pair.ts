// One pair, each end a process of its own, on loopback: how fast fnmesh moves messages and how soon an answer comes,
// beside the same done with nothing but Node's `tls` and `net`. All four pairs stand at once and take turns.

import { join } from "node:path";
import { startChild } from "../lib/child.ts";
import { type Defer, withCleanup } from "../lib/cleanup.ts";
import { openSteering, type Steering } from "../lib/control.ts";
import { failureOf, startFnmesh } from "../lib/fnmesh.ts";
import { connectedPair, type Pair, roundTrip, sendTime } from "../lib/pair-ends.ts";
import { type Kind, kinds, outcome, type Sample, sizes } from "../lib/pair-figures.ts";
import type { Scenario, ScenarioOptions } from "../lib/scenario.ts";
import { pairOverChannels } from "./pair-channels.ts";

const presetRepetitions = 9;
const loopback = "127.0.0.1";

export const pair: Scenario = {
  summary: "throughput and round trip of one pair, beside bare tls and bare net, or of one over each channel",
  takes: ["channel", "channels"],
  run: (options) =>
    options.channels === undefined ? besideRivals(options) : pairOverChannels(options, options.channels),
};

const besideRivals = (options: ScenarioOptions) =>
  withCleanup(async (defer) => {
    const steering = await openSteering(loopback, options.signal);
    defer(() => steering.close());
    const failed = [...(await startJobs(options, steering, defer)), ...startRivals(options, steering, defer)];
    const measured = connectedPairs(steering).then((pairs) => measure(pairs, options));
    return outcome(await Promise.race([measured, ...failed]));
  });

/** Two jobs of two workers each. The promises reject when one ends before it should. */
async function startJobs({ bundles }: ScenarioOptions, { port }: Steering, defer: Defer) {
  const fnmesh = await startFnmesh({});
  defer(() => fnmesh.close());
  const failed: Promise<never>[] = [];
  for (const kind of ["fnmesh encrypted", "fnmesh plain"]) {
    const job = await fnmesh.submit({
      bundle: join(bundles, "jobs/pair.mjs"),
      workers: 2,
      encrypt: kind === "fnmesh encrypted",
      params: { host: loopback, port: String(port), kind },
    });
    failed.push(failureOf(job));
  }
  return failed;
}

function startRivals({ bundles }: ScenarioOptions, { port }: Steering, defer: Defer) {
  const program = join(bundles, "rivals/pair.cjs");
  return ["tls", "net"].flatMap((kind) =>
    ["0", "1"].map((rank) => {
      const child = startChild([process.execPath, program, kind, rank, String(port)]);
      defer(() => child.stop());
      return child.failed;
    }),
  );
}

async function connectedPairs(steering: Steering): Promise<ReadonlyMap<Kind, Pair>> {
  const pairs = new Map<Kind, Pair>();
  for (const kind of kinds) pairs.set(kind, await connectedPair(steering, kind));
  return pairs;
}

async function measure(pairs: ReadonlyMap<Kind, Pair>, options: ScenarioOptions): Promise<readonly Sample[]> {
  const repetitions = options.repetitions ?? presetRepetitions;
  const samples: Sample[] = [];
  // The first turn warms every process's code up, and does not count.
  for (let turn = 0; turn <= repetitions; turn += 1) {
    options.say(turn === 0 ? "warming up" : `repetition ${turn} of ${repetitions}`);
    for (const size of sizes) {
      const sent = new Map<Kind, number>();
      for (const [kind, ends] of pairs) sent.set(kind, await sendTime(ends, size.bytes, size.count));
      for (const [kind, ends] of pairs) {
        const roundTripUs = await roundTrip(ends, size.bytes, size.pings);
        if (turn > 0) samples.push({ kind, size: size.name, sendMs: sent.get(kind)!, roundTripUs });
      }
      options.signal.throwIfAborted();
    }
  }
  return samples;
}
