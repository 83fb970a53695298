// The benchmarks: npm run bench -- SCENARIO [--workers N] [--repetitions N] [--json FILE], and what a scenario takes.
// Every figure of fnmesh stands beside its rival's, measured in the same run. A table for people on standard output.

import { existsSync, fstatSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { insideSandbox, prepareSandbox, runInSandbox } from "@fnmesh/netlab";
import { environment } from "./lib/environment.ts";
import { type BenchOptions, parseOptions, UsageError } from "./lib/options.ts";
import type { Outcome, Report, Scenario } from "./lib/scenario.ts";
import { table } from "./lib/table.ts";
import { collectivesScenario } from "./scenarios/collectives.ts";
import { dataset } from "./scenarios/dataset.ts";
import { mesh } from "./scenarios/mesh.ts";
import { pair } from "./scenarios/pair.ts";
import { reduceByKey } from "./scenarios/reduce-by-key.ts";
import { rows } from "./scenarios/rows.ts";
import { start } from "./scenarios/start.ts";

const scenarios: Readonly<Record<string, Scenario>> = {
  pair,
  mesh,
  start,
  "reduce-by-key": reduceByKey,
  collectives: collectivesScenario,
  dataset,
  rows,
};

/** The pipe from scripts/bench.mjs. */
const lifeline = 3;

/** A scenario that takes longer hangs: it is ended, with all its processes. */
const presetMostMs = 30 * 60 * 1000;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, scenarios);
  const scenario = scenarios[options.scenario]!;
  const needsLab = scenario.needsLab?.(options) ?? false;
  if (needsLab && !insideSandbox()) return await runInSandbox([process.execPath, ...process.argv.slice(1)]);
  const limit = AbortSignal.timeout(scenario.mostMs ?? presetMostMs);
  const signal = AbortSignal.any([limit, interrupted()]);
  const about = environment();
  const kept = options.resume ? keptIn(options) : undefined;
  if (needsLab) await prepareSandbox(signal);
  const reportOf = (outcome: Outcome): Report => ({
    scenario: options.scenario,
    environment: about,
    ...outcome,
  });
  const keep = async (outcome: Outcome) => {
    if (options.json !== undefined) await writeWhole(options.json, reportOf(outcome));
  };
  const outcome = await scenario.run({
    ...options,
    bundles: fileURLToPath(new URL(".", import.meta.url)),
    signal,
    say: (line) => console.error(line),
    keep,
    kept,
  });
  await keep(outcome);
  show(reportOf(outcome));
  return 0;
}

/** What the JSON document holds, if it is there. */
function keptIn({ json, scenario }: BenchOptions): Report | undefined {
  if (json === undefined || !existsSync(json)) return undefined;
  const report = JSON.parse(readFileSync(json, "utf8")) as Report;
  if (report.scenario === scenario) return report;
  throw new UsageError(`${json} holds the scenario "${report.scenario}", not "${scenario}"`);
}

/** The old document or the new one, never half of one. */
async function writeWhole(file: string, report: Report): Promise<void> {
  await writeFile(`${file}.part`, `${JSON.stringify(report, null, 2)}\n`);
  await rename(`${file}.part`, file);
}

class Interrupted extends Error {}

/** Ctrl-C ends the scenario in good order; a second one ends the process. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort(new Interrupted("interrupted")));
  process.once("SIGTERM", () => controller.abort(new Interrupted("terminated")));
  return controller.signal;
}

/** Ends with whoever started this, however that ends, as all that is started here ends with this. */
function watchLifeline(): void {
  if (!isSocket(lifeline)) return;
  const end = () => process.exit(1);
  new Socket({ fd: lifeline, readable: true }).on("error", end).on("close", end).resume().unref();
}

function isSocket(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isSocket();
  } catch {
    return false; // Started by hand, without a fourth descriptor.
  }
}

function show({ scenario, environment, rows: figures, ratios }: Report): void {
  const { cpu, cores, node, loadBefore } = environment;
  console.log(`${scenario} on ${cores} × ${cpu}, Node ${node}, load before ${loadBefore}\n`);
  console.log(table(figures));
  console.log(`\n${table(Object.entries(ratios).map(([ratio, value]) => ({ ratio, value })))}`);
}

try {
  if (!insideSandbox()) watchLifeline();
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = error instanceof UsageError ? 2 : 1;
  const isForPeople = error instanceof UsageError || error instanceof Interrupted;
  console.error(isForPeople ? `error: ${error.message}` : error);
}
