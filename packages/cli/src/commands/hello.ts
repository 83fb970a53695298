// `fnmesh hello`: a smoke job of four workers that tries what every job needs of a place, and a report of it that can be
// given to anybody.

import type { ErrorRecord } from "@fnmesh/core";
import { type Log, nodeClock, toFnmeshError } from "@fnmesh/core/internal";
import type { JobReport, Orchestrator } from "@fnmesh/orchestrator";
import { createCleanup } from "../cleanup.ts";
import { type Config, hideStores, loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCodeOfError } from "../exit-codes.ts";
import { type HelloJob, helloSpec, helloWorkers } from "../hello/hello-job.ts";
import { type HelloReport, helloLines, isGood } from "../hello/hello-report.ts";
import {
  type HelloStep,
  judgeCleanUp,
  judgeDeployment,
  judgeInvoke,
  judgePunch,
  judgeRelay,
  skipped,
} from "../hello/judge-hello.ts";
import { type Host, stdoutStyle, writeError, writeJson, writeText } from "../host.ts";
import { watchInterrupts } from "../interrupt.ts";
import { leastLevel, lineLog } from "../line-log.ts";
import { pricingOf } from "../options/pricing.ts";
import {
  type AskedOptions,
  parseRunOptions,
  type RawRunOptions,
  runPresets,
} from "../options/run-options.ts";
import { isLocal, type Picked, type Platforms } from "../platform/pick-platform.ts";
import { pickedFor } from "../platform/picked-for-run.ts";
import { sizesOf } from "../platform/sizes.ts";
import { recordOf } from "../report-view/failed-report.ts";
import { paint } from "../text/paint.ts";
import { openSession } from "./run-session.ts";
import { networkText, statusOf } from "./status.ts";

export type RawHelloOptions = Pick<
  RawRunOptions,
  "provider" | "stage" | "nat" | "listen" | "port" | "observePort" | "advertise" | "config" | "json"
>;

interface Hello {
  readonly asked: AskedOptions;
  readonly config: Config;
  readonly picked: Picked | undefined;
  readonly host: Host;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What was found, and the first error in full, which is for the person alone. */
interface Greeted {
  readonly steps: readonly HelloStep[];
  readonly error: ErrorRecord | undefined;
}

/** 0: a job can run there. Rejects with USAGE, UNKNOWN_PROVIDER or INVALID_ARGUMENT before anything is started. */
export async function helloCommand(
  raw: RawHelloOptions,
  host: Host,
  { platforms, version }: { readonly platforms: Platforms; readonly version: string },
): Promise<ExitCode> {
  const workers = String(helloWorkers);
  const asked = parseRunOptions(["hello.ts"], { ...runPresets, ...raw, workers, encrypt: true });
  const { cwd, environment } = host;
  const { provider, stage, config: file } = asked;
  const config = await loadConfig({ folder: cwd, file, cwd, environment, flags: { provider, stage } });
  const picked = await pickedFor(asked, config, { host, platforms });
  if (asked.nat !== "none") {
    const { needsSandbox, rerunInSandbox } = await import("../lab-session.ts");
    if (needsSandbox(asked, environment)) return await rerunInSandbox(asked, {});
  }
  const level = leastLevel(environment, asked.json ? "silent" : "warn");
  const log = lineLog(level, (line) => void writeText(host.stderr, `${line}\n`));
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force: () => host.exit(130) });
  // Between two looks at a platform nothing else would: pauses do not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    const greeted = await greet({ asked, config, picked, host, log, signal: interrupts.signal });
    interrupts.signal.throwIfAborted();
    return await tell(greeted, { asked, config, picked, version }, host);
  } finally {
    interrupts.close();
    clearInterval(alive);
  }
}

async function greet(hello: Hello): Promise<Greeted> {
  const { picked, signal, log } = hello;
  const steps: HelloStep[] = [];
  if (picked !== undefined) {
    const { step, error } = await deploymentOf(picked, signal);
    steps.push(step);
    if (step.status === "fail") return { steps: [...steps, ...rest("invoke", "punch", "relay")], error };
  }
  let unclosed = 0;
  const warn: Log["warn"] = (...words) => {
    unclosed += 1;
    log.warn(...words);
  };
  const cleanup = createCleanup({ ...log, warn });
  let error: ErrorRecord | undefined;
  try {
    const orchestrator = await openAll(hello, cleanup);
    const greetings = await greetTwice(orchestrator, hello);
    steps.push(...greetings.steps);
    error = greetings.error;
  } catch (thrown) {
    signal.throwIfAborted();
    error = recordOf(toFnmeshError(thrown, "INTERNAL"));
    const detail = "no worker could be asked for";
    steps.push({ name: "invoke", status: "fail", detail, code: error.code });
    steps.push(...rest("punch", "relay"));
  } finally {
    const startMs = performance.now();
    await cleanup.run();
    steps.push(judgeCleanUp(unclosed, performance.now() - startMs));
  }
  return { steps, error };
}

const rest = (...names: readonly HelloStep["name"][]): HelloStep[] => names.map(skipped);

async function deploymentOf(
  { platform, settings, session }: Picked,
  signal: AbortSignal,
): Promise<{ readonly step: HelloStep; readonly error?: ErrorRecord }> {
  const startMs = performance.now();
  try {
    const { state } = await statusOf(await platform.resources(settings, session), signal);
    return { step: judgeDeployment(state, performance.now() - startMs) };
  } catch (thrown) {
    signal.throwIfAborted();
    const error = recordOf(toFnmeshError(thrown, "PROVIDER_UNAVAILABLE"));
    const detail = "the platform does not say what is there";
    return { step: { name: "deployment", status: "fail", detail, code: error.code }, error };
  }
}

async function openAll(
  { asked, config, picked, host, log, signal }: Hello,
  cleanup: ReturnType<typeof createCleanup>,
): Promise<Orchestrator> {
  const { cwd, environment } = host;
  const pricing = await pricingOf(undefined, config, cwd);
  hideStores(environment, config);
  const print = (line: string) => log.info(line);
  const { orchestrator } = await openSession({
    ...{ options: asked, picked, stores: {}, s3: undefined, pricing, environment },
    ...{ log, print, cleanup, signal, phase: () => signal.throwIfAborted() },
  });
  return orchestrator;
}

async function greetTwice(
  orchestrator: Orchestrator,
  { asked, config, picked, signal }: Hello,
): Promise<Greeted> {
  const { provider } = config;
  const job = { provider, nat: asked.nat, ...sizesOf(asked, picked) };
  const first = await play(orchestrator, { ...job, channel: "auto" }, signal);
  const invoke = judgeInvoke(first);
  if (invoke.status === "fail") {
    return { steps: [invoke, ...rest("punch", "relay")], error: first.error ?? undefined };
  }
  // The provider may know its own network better than the platform's folder: a function in a network of the user's.
  const network = orchestrator.offers.providers.find(({ name }) => name === provider)?.network;
  const names = [asked.advertise, asked.listen].filter((name) => name !== undefined);
  const relayed = await play(orchestrator, { ...job, channel: "relay" }, signal);
  const steps = [invoke, judgePunch(first, network, names), judgeRelay(relayed)];
  return { steps, error: relayed.error ?? undefined };
}

/** An interrupt cancels it, and is what it ends with. */
async function play(orchestrator: Orchestrator, asked: HelloJob, signal: AbortSignal): Promise<JobReport> {
  signal.throwIfAborted();
  const job = orchestrator.submit(helloSpec(asked));
  const cancel = () => void job.cancel("interrupted");
  signal.addEventListener("abort", cancel, { once: true });
  const report = await job.report.finally(() => signal.removeEventListener("abort", cancel));
  signal.throwIfAborted();
  return report;
}

async function tell(
  { steps, error }: Greeted,
  {
    asked,
    config,
    picked,
    version,
  }: Pick<Hello, "asked" | "config" | "picked"> & { readonly version: string },
  host: Host,
): Promise<ExitCode> {
  const { provider, stage } = config;
  const report: HelloReport = {
    ...{ fnmesh: version, node: process.versions.node, system: `${process.platform} ${process.arch}` },
    ...{ provider, ...(isLocal(provider) ? {} : { stage }), nat: asked.nat },
    ...(picked === undefined ? {} : { network: networkText(picked.platform) }),
    ...{ ok: isGood(steps), steps },
  };
  if (asked.json) await writeJson(host, report);
  else {
    // It is pasted elsewhere: nothing of it is cut to this terminal.
    const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
    const lines = helloLines(report).map((line) => paint(line, style));
    await writeText(host.stdout, `${lines.join("\n")}\n`);
  }
  if (error !== undefined) await writeError(host, error);
  if (report.ok) return 0;
  return error === undefined ? 3 : exitCodeOfError(error);
}
