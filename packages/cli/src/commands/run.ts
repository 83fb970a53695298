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
import { watchInterrupts } from "../interrupt.ts";
import { isShown, type LeastLevel, leastLevel, lineLog } from "../line-log.ts";
import { openView, type ViewKind } from "../live-view/open-view.ts";
import type { ProgressView } from "../live-view/progress-view.ts";
import { pricingOf } from "../options/pricing.ts";
import { checkRemote } from "../options/remote-options.ts";
import {
  type AskedOptions,
  parseRunOptions,
  type RawRunOptions,
  type RunOptions,
  usesRelays,
} from "../options/run-options.ts";
import { takeToken } from "../options/token.ts";
import type { Picked, Platforms } from "../platform/pick-platform.ts";
import { pickedFor } from "../platform/picked-for-run.ts";
import { sizesOf } from "../platform/sizes.ts";
import { failedReport } from "../report-view/failed-report.ts";
import { renderReport } from "../report-view/report-view.ts";
import { type StoresOfRun, storesOfRun, withInput } from "../store-access/stores-of-run.ts";
import { oneLine } from "../text/columns.ts";
import { isObject, prepareJob } from "./prepare-job.ts";
import type { RemoteRun } from "./run-remote.ts";
import { openSession } from "./run-session.ts";

/** What a run has in its hands from the first check to the last close. */
interface Parts {
  readonly host: Host;
  readonly view: ProgressView;
  readonly log: Log;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
  /** Tells what is being done; throws when the run is interrupted. */
  readonly phase: (text: string) => void;
}

/** A job that is under way, here or elsewhere. */
interface Started {
  readonly job: JobHandle;
  /** What is left to do when it has ended. */
  finish(report: JobReport): Promise<void>;
}

interface Asked {
  readonly options: AskedOptions | RunOptions;
  readonly config: Config;
  readonly level: LeastLevel;
  readonly host: Host;
  readonly start: (parts: Parts) => Promise<Started>;
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
  // Workers inherit the environment, and have no use for it.
  const token = takeToken(asked.tokenFile, host.environment, "FNMESH_TOKEN");
  if (config.orchestrator !== undefined) {
    const { orchestrator: url, provider } = config;
    checkRemote(asked, url);
    const start = (run: Parts) => startThere({ ...run, url, token, options: { ...asked, provider } });
    return await runHere({ options: asked, config, start, level, host });
  }
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
  const start = (run: Parts) => startHere({ ...run, options, picked, config, access });
  return await runHere({ options, config, start, level, host });
}

const configOf = (
  { job, config, input, provider, stage, orchestrator }: AskedOptions,
  { cwd, environment }: Host,
): Promise<Config> =>
  loadConfig({
    ...{ folder: dirname(resolve(cwd, job)), file: config, cwd, environment },
    ...{ readsS3: input.some(isObject), mayRunElsewhere: true },
    flags: { provider, stage, orchestrator },
  });

async function runHere({ options, config, start, level, host }: Asked): Promise<ExitCode> {
  hideStores(host.environment, config);
  const view = openView(host, viewKind(options, level));
  const log = lineLog(level, (line) => view.log(line));
  const cleanup = createCleanup(log);
  const force = () => {
    if (options.json) writeJsonNow(host, failedReport(forcedEnd()));
    host.exit(130);
  };
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force });
  const { signal } = interrupts;
  const phase = (text: string) => {
    signal.throwIfAborted();
    view.phase(text);
  };
  // Between two looks at a platform nothing else would: pauses do not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const { job, finish } = await start({ host, view, log, cleanup, signal, phase });
    const report = await follow(job, { view, log, level, signal });
    await finish(report);
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

const viewKind = ({ json }: Pick<RunOptions, "json">, level: LeastLevel): ViewKind => {
  if (!json) return "all";
  return level === "silent" ? "nothing" : "logs";
};

const forcedEnd = () => new FnmeshError("CANCELLED", "interrupted twice: ended without waiting for the job");

interface Here extends Parts {
  readonly options: RunOptions;
  /** Undefined: workers run on this machine. */
  readonly picked: Picked | undefined;
  readonly config: Config;
  readonly access: StoresOfRun;
}

/** With an orchestrator of its own. */
async function startHere(run: Here): Promise<Started> {
  const { options, picked, config, access, host, view, log, cleanup, signal, phase } = run;
  for (const rung of access.left) log.warn(`${rung} is left out: over TLS it cannot be reached from the lab`);
  const { stores } = access;
  const pricing = await pricingOf(options.prices, config, host.cwd);
  phase(`bundling ${options.job}`);
  const prepared = await prepareJob(options, {
    ...{ cwd: host.cwd, stores: rungsOf({ stores }), cleanup },
  });
  for (const warning of prepared.warnings) log.warn(warning);
  const print = (line: string) => view.log(line);
  const { orchestrator, s3 } = await openSession({
    ...{ options, picked, stores, s3: config.s3, pricing, log, print, cleanup, signal, phase },
    environment: host.environment,
  });
  if (s3 !== undefined) phase("listing the input in S3");
  const job = orchestrator.submit(await prepared.spec(s3, signal));
  return { job, finish: async () => {} };
}

type There = Parts & Pick<RemoteRun, "url" | "token" | "options">;

async function startThere({ host, ...run }: There): Promise<Started> {
  const { startRemotely } = await import("./run-remote.ts");
  return await startRemotely({ ...run, cwd: host.cwd });
}

type Following = Pick<Parts, "view" | "log" | "signal"> & Pick<Asked, "level">;

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
    // Whatever becomes of it, the report tells.
    job.cancel((signal.reason as FnmeshError).message).catch(() => {});
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
async function tell(
  report: JobReport,
  { json, output }: Pick<RunOptions, "json" | "output">,
  host: Host,
): Promise<void> {
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
