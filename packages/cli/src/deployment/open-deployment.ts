// What the commands on a deployment have in common: the platform with its settings, its resources, an interrupt that
// ends them, and the words in which an end in mid-way is told.

import { FnmeshError } from "@fnmesh/core";
import { type Log, nodeClock, toFnmeshError } from "@fnmesh/core/internal";
import type { Resource } from "@fnmesh/providers";
import { type Config, loadConfig } from "../config/load-config.ts";
import { type ExitCode, exitCodeOfError } from "../exit-codes.ts";
import { type Host, writeJson, writeText } from "../host.ts";
import { watchInterrupts } from "../interrupt.ts";
import { leastLevel, lineLog } from "../line-log.ts";
import { configFile, notEmpty } from "../options/run-options.ts";
import { isLocal, type Picked, type Platforms, pickPlatform } from "../platform/pick-platform.ts";
import { recordOf } from "../report-view/failed-report.ts";
import { plainSteps, type StepView, silentSteps, terminalSteps } from "./step-view.ts";
import { createTrace, standing, type Trace } from "./trace.ts";

export interface RawDeploymentOptions {
  readonly provider?: string;
  readonly stage?: string;
  readonly config?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

export interface Deployment extends Picked {
  readonly config: Config;
  readonly json: boolean;
  readonly yes: boolean;
  readonly signal: AbortSignal;
  readonly steps: StepView;
  readonly trace: Trace;
  resources(): Promise<readonly Resource[]>;
  /** For a person; nothing with --json. */
  say(lines: readonly string[]): Promise<void>;
}

type Verb = "deploy" | "diff" | "remove" | "status";

/**
 * Runs a command's body on the deployment that is asked for. Rejects with UNKNOWN_PROVIDER, USAGE or INVALID_ARGUMENT;
 * what goes wrong in `body` is told with how far it came.
 */
export async function onDeployment(
  verb: Verb,
  raw: RawDeploymentOptions,
  { host, platforms }: { readonly host: Host; readonly platforms: Platforms },
  body: (deployment: Deployment) => Promise<ExitCode>,
): Promise<ExitCode> {
  const json = raw.json === true;
  const config = await configOf(raw, host);
  refuseLocal(verb, config);
  const log = logOf(host, json);
  const picked = await pickPlatform(config, platforms, { environment: host.environment, log });
  const trace = createTrace();
  const steps = openSteps(host, json);
  const interrupts = watchInterrupts({
    source: process,
    clock: nodeClock,
    force: () => host.exit(130),
  });
  const deployment: Deployment = {
    ...{ ...picked, config, json, trace, steps, yes: raw.yes === true, signal: interrupts.signal },
    resources: () => picked.platform.resources(picked.settings, picked.session),
    say: (lines) => (json ? Promise.resolve() : writeText(host.stdout, `${lines.join("\n")}\n`)),
  };
  // Between two looks at a platform nothing else would: pauses do not keep the process alive.
  const alive = setInterval(() => {}, 2 ** 30);
  try {
    return await body(deployment);
  } catch (thrown) {
    steps.end("failed");
    const error = endedInBetween(thrown, { verb, deployment });
    if (!json) throw error;
    const { platform, stage } = picked;
    const record = recordOf(error);
    await writeJson(host, { platform: platform.name, stage, steps: trace.done(), error: record });
    await writeText(host.stderr, `fnmesh: ${error.code}: ${error.message}\n`);
    return exitCodeOfError(error);
  } finally {
    steps.end("failed");
    interrupts.close();
    clearInterval(alive);
  }
}

const configOf = ({ provider, stage, config }: RawDeploymentOptions, { cwd, environment }: Host) =>
  loadConfig({
    ...{ folder: cwd, file: configFile(config), cwd, environment },
    flags: {
      provider: provider === undefined ? undefined : notEmpty(provider, "--provider", "a name"),
      stage: stage === undefined ? undefined : notEmpty(stage, "--stage", "a name"),
    },
  });

function refuseLocal(verb: Verb, { provider }: Config): void {
  if (!isLocal(provider)) return;
  throw new FnmeshError("USAGE", "on this machine nothing is deployed, and no other provider is chosen", {
    hint: `Name one: fnmesh ${verb} --provider aws, or \`provider\` in fnmesh.config.ts.`,
  });
}

const logOf = (host: Host, json: boolean): Log =>
  lineLog(
    leastLevel(host.environment, json ? "silent" : "warn"),
    (line) => void writeText(host.stderr, `${line}\n`),
  );

function openSteps({ stderr, environment }: Host, json: boolean): StepView {
  if (json) return silentSteps;
  const parts = { stream: stderr, clock: nodeClock, environment };
  return stderr.isTTY && environment.TERM !== "dumb" ? terminalSteps(parts) : plainSteps(parts);
}

/** The error, and for those that change things how far they came. */
function endedInBetween(
  thrown: unknown,
  { verb, deployment }: { readonly verb: Verb; readonly deployment: Deployment },
): FnmeshError {
  const { platform, stage, trace, signal } = deployment;
  // A request that was called off may say so in words of its own.
  const error = toFnmeshError(signal.aborted ? signal.reason : thrown, "DEPLOY_FAILED");
  const begun = trace.last() !== undefined;
  if (!begun) return error;
  const again = `fnmesh ${verb} --provider ${platform.name} --stage ${stage}`;
  const hint = [error.hint, standing(trace, again)].filter((text) => text !== undefined).join(" ");
  return new FnmeshError(error.code, error.message, { cause: error, hint });
}
