// What the lab test runs: outside a sandbox it makes one and runs itself in it; inside, it counts words on environments of
// Lambda, each behind a NAT of its own, and writes one JSON line for each job.

import { insideSandbox, openLab, prepareSandbox, runInSandbox } from "@fnmesh/netlab";
import type { FaultPlan } from "../support/faults.ts";
import { openPlayer } from "../support/play-job.ts";
import { openTestingLambda } from "./testing-lambda.ts";

export interface Counted {
  readonly error: unknown;
  readonly output: string | undefined;
  readonly paths: readonly { readonly path: string; readonly reason?: string }[];
  /** The environments' processes after it. */
  readonly pids: readonly number[];
}

export interface InnerOptions {
  readonly ric: string;
  readonly workers: number;
  /** One job after another; for each, how late its workers are, by rank. */
  readonly lateMs: readonly (readonly number[])[];
}

const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
if (insideSandbox()) await playAll(JSON.parse(process.argv[2]!) as InnerOptions);
else process.exitCode = await runInSandbox(argv);

async function playAll({ ric, workers, lateMs }: InnerOptions): Promise<void> {
  await prepareSandbox();
  const signal = AbortSignal.timeout(100_000);
  const lab = await openLab({ profile: "restricted", workers, signal });
  await using _lab = { [Symbol.asyncDispose]: () => lab.close() };
  const host = lab.orchestratorHost;
  await using testing = await openTestingLambda({ ric, host, place: lab.enter });
  await using player = await openPlayer(testing.provider, { listen: { host } });
  for (const late of lateMs) {
    const plan: FaultPlan = { delayMs: ({ rank }) => late[rank] ?? 0 };
    testing.faults.plan = plan;
    const { report, output } = await player.reduceByKey({ workers });
    await testing.lambda.settled();
    const pids = testing.lambda.environments.map(({ pid }) => pid).sort();
    const counted: Counted = { error: report.error, output, paths: report.paths, pids };
    console.log(JSON.stringify(counted));
  }
  await testing.provider.close();
}
