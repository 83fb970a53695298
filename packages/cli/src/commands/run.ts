// `fnmesh run`: checks what was given, opens what the job needs, follows the job to its end, reports, and leaves nothing
// behind, whichever of these steps goes wrong.

import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { type Log, nodeClock } from "@fnmesh/core/internal";
import type { JobHandle, JobReport } from "@fnmesh/orchestrator";
import { checkJobFile } from "../bundle-job/bundle-job.ts";
import { type Cleanup, createCleanup } from "../cleanup.ts";
import { type Config, hideStores, loadConfig, rungsOf } from "../config/load-config.ts";
import { type ExitCode, exitCodeOfReport } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeErrorLine, writeJson, writeJsonNow, writeText } from "../host.ts";
import { type Interrupts, watchInterrupts } from "../interrupt.ts";
import { isShown, type LeastLevel, leastLevel, lineLog } from "../line-log.ts";
import { openView, type ViewKind } from "../live-view/open-view.ts";
import type { ProgressView } from "../live-view/progress-view.ts";
import { pricingOf } from "../options/pricing.ts";
import {
  type AskedOptions,
  parseRunOptions,
  type RawRunOptions,
  type RunOptions,
  usesRelays,
} from "../options/run-options.ts";
import type { Picked, Platforms } from "../platform/pick-platform.ts";
import { pickedFor } from "../platform/picked-for-run.ts";
import { sizesOf } from "../platform/sizes.ts";
import { failedReport } from "../report-view/failed-report.ts";
import { renderReport } from "../report-view/report-view.ts";
import { type StoresOfRun, storesOfRun, withInput } from "../store-access/stores-of-run.ts";
import { oneLine } from "../text/columns.ts";
import { isObject, prepareJob } from "./prepare-job.ts";
import { openSession } from "./run-session.ts";

/** What a run has in its hands from the first check to the last close. */
interface Run {
  readonly options: RunOptions;
  /** Undefined: workers run on this machine. */
  readonly picked: Picked | undefined;
  readonly config: Config;
  readonly access: StoresOfRun;
  readonly host: Host;
  readonly view: ProgressView;
  readonly log: Log;
  readonly level: LeastLevel;
  readonly cleanup: Cleanup;
  readonly interrupts: Interrupts;
}

/** Runs one job. Rejects with what was wrong before there was a job; from then on the report tells. */
export async function runCommand(
  operands: readonly string[],
  raw: RawRunOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> {
  const asked = parseRunOptions(operands, raw);
  const level = leastLevel(host.environment, asked.json ? "silent" : "warn");
  await checkJobFile(asked.job, host.cwd);
  const config = await configOf(asked, host);
  const relays = asked.relays ?? (usesRelays(asked.channel) ? config.relays : undefined);
  const picked = await pickedFor(asked, config, { host, platforms });
  const options: RunOptions = { ...asked, relays, provider: config.provider, ...sizesOf(asked, picked) };
  // Before anything is made: a channel without its store is told at once.
  const access = storesOfRun(options.channel, config.stores, options.nat !== "none");
  if (options.nat !== "none") {
    const { needsSandbox, rerunInSandbox } = await import("../lab-session.ts");
    if (needsSandbox(options, host.environment)) {
      return await rerunInSandbox(options, withInput(access.stores, config.s3));
    }
  }
  return await runHere({ options, picked, config, access, level, host });
}

const configOf = (
  { job, config, input, provider, stage }: AskedOptions,
  { cwd, environment }: Host,
): Promise<Config> =>
  loadConfig({
    ...{ folder: dirname(resolve(cwd, job)), file: config, cwd, environment },
    readsS3: input.some(isObject),
    flags: { provider, stage },
  });

type Asked = Pick<Run, "options" | "picked" | "config" | "access" | "level" | "host">;

async function runHere({ options, picked, config, access, level, host }: Asked): Promise<ExitCode> {
  hideStores(host.environment, config);
  const view = openView(host, viewKind(options, level));
  const log = lineLog(level, (line) => view.log(line));
  for (const rung of access.left) log.warn(`${rung} is left out: over TLS it cannot be reached from the lab`);
  const cleanup = createCleanup(log);
  const force = () => {
    if (options.json) writeJsonNow(host, failedReport(forcedEnd()));
    host.exit(130);
  };
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force });
  // Between two looks at a platform nothing else would: pauses do not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const report = await runJob({
      ...{ options, picked, config, access, host, view, log, level, cleanup, interrupts },
    });
    view.close();
    await tell(report, options, host);
    return exitCodeOfReport(report);
  } finally {
    view.close();
    await cleanup.run();
    interrupts.close();
    clearInterval(alive);
  }
}

const viewKind = ({ json }: RunOptions, level: LeastLevel): ViewKind => {
  if (!json) return "all";
  return level === "silent" ? "nothing" : "logs";
};

const forcedEnd = () => new FnmeshError("CANCELLED", "interrupted twice: ended without waiting for the job");

async function runJob(run: Run): Promise<JobReport> {
  const { options, picked, config, access, host, view, log, level, cleanup, interrupts } = run;
  const { stores } = access;
  const { signal } = interrupts;
  const phase = (text: string) => {
    signal.throwIfAborted();
    view.phase(text);
  };
  const print = (line: string) => view.log(line);
  const pricing = await pricingOf(options.prices, config, host.cwd);
  phase(`bundling ${options.job}`);
  const prepared = await prepareJob(options, {
    ...{ cwd: host.cwd, stores: rungsOf({ stores }), cleanup },
  });
  for (const warning of prepared.warnings) log.warn(warning);
  const { orchestrator, s3 } = await openSession({
    ...{ options, picked, stores, s3: config.s3, pricing, log, print, cleanup, signal, phase },
    environment: host.environment,
  });
  if (s3 !== undefined) phase("listing the input in S3");
  const job = orchestrator.submit(await prepared.spec(s3, signal));
  return await follow(job, { view, log, level, signal });
}

type Following = Pick<Run, "view" | "log" | "level"> & { readonly signal: AbortSignal };

/** Shows the job until it ends; an interrupt cancels it, and then its report comes all the same. */
async function follow(job: JobHandle, { view, log, level, signal }: Following): Promise<JobReport> {
  // Workers' own words count as asked for from "info" on; fnmesh's from "warn" on.
  const least = level === "warn" ? "info" : level;
  const unsubscribe = job.subscribe((event) => {
    if (event.type === "emit") view.log(`[${event.rank}] ${JSON.stringify(event.value)}`);
    if (event.type !== "log" || !isShown(event.level, least)) return;
    view.log(`[${event.rank}] ${event.level}: ${oneLine(event.message)}`);
  });
  const cancel = () => {
    log.warn("cancelling the job; interrupt once more to end at once");
    void job.cancel((signal.reason as FnmeshError).message);
  };
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  view.follow(job);
  try {
    return await job.report;
  } finally {
    signal.removeEventListener("abort", cancel);
    unsubscribe();
  }
}

/** The report goes to stdout; what failed also to stderr where nobody would see it otherwise. */
async function tell(report: JobReport, { json, output }: RunOptions, host: Host): Promise<void> {
  if (json) await writeJson(host, report);
  else {
    const style = { ...stdoutStyle(host), cwd: host.cwd };
    const written = output === undefined ? {} : { output: { file: output, bytes: sizeOf(host.cwd, output) } };
    await writeText(host.stdout, `${renderReport(report, { ...style, ...written }).join("\n")}\n`);
  }
  if (report.error !== null && (json || !host.stdout.isTTY)) await writeErrorLine(host, report.error);
}

/** Undefined: it is not there, as after a failure, or somebody else took it. */
function sizeOf(cwd: string, file: string): number | undefined {
  return statSync(resolve(cwd, file), { throwIfNoEntry: false })?.size;
}
