// `fnmesh hello`: a smoke job of four workers that tries what every job needs of a place, and a report of it that can be
// given to anybody.

import type { ErrorRecord } from "@fnmesh/core";
import { type Log, nodeClock, type ProviderNetwork, toFnmeshError } from "@fnmesh/core/internal";
import type { JobReport } from "@fnmesh/orchestrator";
import { createCleanup } from "../cleanup.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCodeOfError } from "../exit-codes.ts";
import { type HelloJob, helloWorkers } from "../hello/hello-job.ts";
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
import { checkRemote } from "../options/remote-options.ts";
import {
  type AskedOptions,
  parseRunOptions,
  type RawRunOptions,
  runPresets,
} from "../options/run-options.ts";
import { takeToken } from "../options/token.ts";
import { isLocal, type Picked, type Platforms } from "../platform/pick-platform.ts";
import { pickedFor } from "../platform/picked-for-run.ts";
import { recordOf } from "../report-view/failed-report.ts";
import { paint } from "../text/paint.ts";
import { type Hello, type HelloPlace, openHelloPlace, type Where } from "./hello-place.ts";
import { networkText, statusOf } from "./status.ts";

export type RawHelloOptions = Pick<
  RawRunOptions,
  | "provider"
  | "stage"
  | "orchestrator"
  | "tokenFile"
  | "nat"
  | "listen"
  | "port"
  | "observePort"
  | "advertise"
  | "config"
  | "json"
>;

/** What was found, and the first error in full, which is for the person alone. */
interface Greeted {
  readonly steps: readonly HelloStep[];
  readonly error: ErrorRecord | undefined;
  /** Of the provider there; undefined: nobody has told. */
  readonly network?: ProviderNetwork | undefined;
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
  const { provider, stage, orchestrator, config: file } = asked;
  const flags = { provider, stage, orchestrator };
  const config = await loadConfig({ folder: cwd, file, cwd, environment, mayRunElsewhere: true, flags });
  const where = await whereOf(asked, config, { host, platforms });
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
    const greeted = await greet({ asked, config, where, host, log, signal: interrupts.signal });
    interrupts.signal.throwIfAborted();
    return await tell(greeted, { asked, config, where, version }, host);
  } finally {
    interrupts.close();
    clearInterval(alive);
  }
}

/** Rejects with USAGE, UNKNOWN_PROVIDER or INVALID_ARGUMENT. */
async function whereOf(
  asked: AskedOptions,
  config: Config,
  { host, platforms }: { readonly host: Host; readonly platforms: Platforms },
): Promise<Where> {
  const { orchestrator: url } = config;
  // Workers inherit the environment, and have no use for it.
  const token = takeToken(asked.tokenFile, host.environment, "FNMESH_TOKEN");
  if (url === undefined) return { kind: "here", picked: await pickedFor(asked, config, { host, platforms }) };
  checkRemote(asked, url);
  return { kind: "there", url, token };
}

async function greet(hello: Hello): Promise<Greeted> {
  const { where, signal, log } = hello;
  const steps: HelloStep[] = [];
  const picked = where.kind === "here" ? where.picked : undefined;
  let network = picked?.platform.network;
  if (picked !== undefined) {
    const { step, error } = await deploymentOf(picked, signal);
    steps.push(step);
    if (step.status === "fail") {
      return { steps: [...steps, ...rest(...tried)], error, network };
    }
  }
  let unclosed = 0;
  const warn: Log["warn"] = (...words) => {
    unclosed += 1;
    log.warn(...words);
  };
  const cleanup = createCleanup({ ...log, warn });
  let error: ErrorRecord | undefined;
  try {
    const place = await openHelloPlace(hello, cleanup);
    if (where.kind === "there" && !isLocal(hello.config.provider)) network = place.offered?.network;
    error = await greetTwice(place, hello, steps);
  } catch (thrown) {
    signal.throwIfAborted();
    error = recordOf(toFnmeshError(thrown, "INTERNAL"));
    steps.push(...cutShort(steps, error.code));
  } finally {
    const startMs = performance.now();
    await cleanup.run();
    steps.push(judgeCleanUp(unclosed, performance.now() - startMs));
  }
  return { steps, error, network };
}

const tried = ["invoke", "punch", "relay"] as const;

/** What was under way has failed, and the rest is not tried. */
function cutShort(steps: readonly HelloStep[], code: HelloStep["code"]): HelloStep[] {
  const [name, ...others] = tried.filter((each) => !steps.some((step) => step.name === each));
  if (name === undefined) return [];
  const detail = name === "invoke" ? "no worker could be asked for" : "it came to no end";
  return [{ name, status: "fail", detail, code: code! }, ...rest(...others)];
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

/** What was found is added to `steps` as it is: the next part may come to no end. */
async function greetTwice(
  place: HelloPlace,
  { asked, config, signal }: Hello,
  steps: HelloStep[],
): Promise<ErrorRecord | undefined> {
  const { offered, sizes, names } = place;
  const job = { provider: config.provider, nat: asked.nat, ...sizes };
  const first = await play(place, { ...job, channel: "auto" }, signal);
  const invoke = judgeInvoke(first);
  steps.push(invoke);
  if (invoke.status === "fail") {
    steps.push(...rest("punch", "relay"));
    return first.error ?? undefined;
  }
  steps.push(judgePunch(first, offered?.network, names));
  const relayed = await play(place, { ...job, channel: "relay" }, signal);
  steps.push(judgeRelay(relayed));
  return relayed.error ?? undefined;
}

/** An interrupt cancels it, and is what it ends with. */
async function play(place: HelloPlace, asked: HelloJob, signal: AbortSignal): Promise<JobReport> {
  signal.throwIfAborted();
  const job = await place.submit(asked);
  // Whatever becomes of it, the report tells.
  const cancel = () => void job.cancel("interrupted").catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  if (signal.aborted) cancel();
  const report = await job.report.finally(() => signal.removeEventListener("abort", cancel));
  signal.throwIfAborted();
  return report;
}

async function tell(
  { steps, error, network }: Greeted,
  { asked, config, where, version }: Pick<Hello, "asked" | "config" | "where"> & { readonly version: string },
  host: Host,
): Promise<ExitCode> {
  const { provider, stage } = config;
  const report: HelloReport = {
    ...{ fnmesh: version, node: process.versions.node, system: `${process.platform} ${process.arch}` },
    ...(where.kind === "there" ? { provider, orchestrator: "elsewhere" } : { provider }),
    ...(where.kind === "there" || isLocal(provider) ? {} : { stage }),
    ...{ nat: asked.nat, ...(network === undefined ? {} : { network: networkText({ network }) }) },
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
