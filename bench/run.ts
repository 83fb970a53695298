// The benchmarks: npm run bench -- SCENARIO [--workers N] [--repetitions N] [--json FILE]
// Every figure of fnmesh stands beside its rival's, measured in the same run. A table for people on standard output.

import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { insideSandbox, prepareSandbox, runInSandbox } from "@fnmesh/netlab";
import { environment } from "./lib/environment.ts";
import { parseOptions, UsageError } from "./lib/options.ts";
import type { Report, Scenario } from "./lib/scenario.ts";
import { table } from "./lib/table.ts";
import { mesh } from "./scenarios/mesh.ts";
import { pair } from "./scenarios/pair.ts";
import { start } from "./scenarios/start.ts";

const scenarios: Readonly<Record<string, Scenario>> = { pair, mesh, start };

/** A scenario that takes longer hangs: it is ended, with all its processes. */
const mostMs = 30 * 60 * 1000;

async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args, Object.keys(scenarios));
  const scenario = scenarios[options.scenario]!;
  if (scenario.needsLab && !insideSandbox())
    return await runInSandbox([process.execPath, ...process.argv.slice(1)]);
  const signal = AbortSignal.any([AbortSignal.timeout(mostMs), interrupted()]);
  const about = environment();
  if (scenario.needsLab) await prepareSandbox(signal);
  const outcome = await scenario.run({
    bundles: fileURLToPath(new URL(".", import.meta.url)),
    workers: options.workers,
    repetitions: options.repetitions,
    signal,
    say: (line) => console.error(line),
  });
  const report: Report = { scenario: options.scenario, environment: about, ...outcome };
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  show(report);
  return 0;
}

/** Ctrl-C ends the scenario in good order; a second one ends the process. */
function interrupted(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => controller.abort(new Error("interrupted")));
  process.once("SIGTERM", () => controller.abort(new Error("terminated")));
  return controller.signal;
}

function show({ scenario, environment, rows, ratios }: Report): void {
  const { cpu, cores, node, loadBefore } = environment;
  console.log(`${scenario} on ${cores} × ${cpu}, Node ${node}, load before ${loadBefore}\n`);
  console.log(table(rows));
  console.log(`\n${table(Object.entries(ratios).map(([ratio, value]) => ({ ratio, value })))}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof UsageError ? `error: ${error.message}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
