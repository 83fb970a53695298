// The platform on which workers are to run: what is missing here for it, whether it answers, and how its functions will
// talk to each other. Nothing is changed there.

import { FnmeshError } from "@fnmesh/core";
import { silentLog, toFnmeshError } from "@fnmesh/core/internal";
import { ladderOf } from "@fnmesh/orchestrator";
import type { Needs, Platform } from "@fnmesh/providers";
import { type DeploymentStatus, networkText, statusOf } from "../commands/status.ts";
import { type Config, rungsOf } from "../config/load-config.ts";
import type { Host } from "../host.ts";
import { sessionWith } from "../platform/pick-platform.ts";
import { formatMs } from "../text/format.ts";
import type { Check } from "./check.ts";
import { findCommand, findForProviders } from "./find-needs.ts";

/** Every resource is read twice, each by a few requests. */
const answerMs = 30_000;

export interface Finders {
  readonly findPackage: (name: string) => string | undefined;
  readonly findCommand: typeof findCommand;
}

const realFinders: Finders = { findPackage: findForProviders, findCommand };

/** Its settings, what it needs, whether it answers (unless something is missing), its network. Never rejects. */
export async function probePlatform(
  platform: Platform,
  config: Pick<Config, "stage" | "sections" | "stores">,
  environment: Host["environment"],
  finders: Finders = realFinders,
): Promise<Check[]> {
  const { name, needs, network } = platform;
  const { stage, sections } = config;
  const here = [
    ...needs.packages.map((each) => judgePackage(each, finders.findPackage(each))),
    ...needs.tools.map((tool) => judgeTool(tool, finders.findCommand(tool.command, environment))),
  ];
  const found = settingsOf(() => platform.settings(sections[name], { stage, environment }));
  const missing = here.some(({ status }) => status === "fail");
  const answer =
    "settings" in found && !missing
      ? [await probeAnswer(platform, { settings: found.settings, stage, environment })]
      : [];
  const auto = ladderOf("auto", rungsOf(config), network);
  return [...here, ...("check" in found ? [found.check] : []), ...answer, judgeNetwork(platform, auto)];
}

export const judgePackage = (name: string, found: string | undefined): Check =>
  found === undefined
    ? { name: "package", status: "fail", detail: `${name} is not installed`, fix: `npm install ${name}` }
    : { name: "package", status: "ok", detail: name };

export const judgeTool = ({ command, install }: Needs["tools"][number], found: string | undefined): Check =>
  found === undefined
    ? { name: "command", status: "fail", detail: `${command} is not installed`, fix: install }
    : { name: "command", status: "ok", detail: `${command} is ${found}` };

/** Not a fault, whatever it is: the way that is left is taken from the start. */
export const judgeNetwork = (platform: Pick<Platform, "network">, auto: readonly string[]): Check => ({
  ...{ name: "network", status: "ok" },
  detail: `auto is ${auto.join(", ")}: ${networkText(platform)}`,
});

function settingsOf(read: () => unknown): { readonly settings: unknown } | { readonly check: Check } {
  try {
    return { settings: read() };
  } catch (thrown) {
    return { check: failed("platform", toFnmeshError(thrown, "INVALID_ARGUMENT")) };
  }
}

const failed = (name: string, { code, message, hint }: FnmeshError): Check => ({
  ...{ name, status: "fail", detail: `${code}: ${message.split("\n")[0]}` },
  ...(hint === undefined ? {} : { fix: hint }),
});

interface Asked {
  readonly settings: unknown;
  readonly stage: string;
  readonly environment: Host["environment"];
}

async function probeAnswer(platform: Platform, { settings, stage, environment }: Asked): Promise<Check> {
  const late = new FnmeshError("PROVIDER_UNAVAILABLE", `no answer within ${answerMs / 1000} s`, {
    hint: "Is its address right, and can it be reached from here?",
  });
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(late), answerMs);
  const startMs = performance.now();
  try {
    const session = sessionWith({ environment, log: silentLog });
    const asked = platform
      .resources(settings, session)
      .then((resources) => statusOf(resources, limit.signal));
    const status = await Promise.race([asked, rejection(limit.signal)]);
    return judgeAnswer(platform, stage, status, performance.now() - startMs);
  } catch (thrown) {
    return failed("platform", toFnmeshError(thrown, "PROVIDER_UNAVAILABLE"));
  } finally {
    clearTimeout(timer);
  }
}

const rejection = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

const states: Readonly<Record<DeploymentStatus["state"], readonly [Check["status"], string]>> = {
  current: ["ok", "is deployed and up to date"],
  outdated: ["warn", "is deployed, and not up to date"],
  absent: ["fail", "is not deployed"],
  blocked: ["fail", "cannot be deployed"],
};

export function judgeAnswer(
  { name: platform, title }: Pick<Platform, "name" | "title">,
  stage: string,
  { state, reason }: Pick<DeploymentStatus, "state" | "reason">,
  ms: number,
): Check {
  const [status, words] = states[state];
  const why = reason === undefined ? "" : `: ${reason}`;
  const detail = `${title} answered in ${formatMs(ms)}: the stage ${stage} ${words}${why}`;
  const command = `fnmesh deploy --provider ${platform} --stage ${stage}`;
  const fix = state === "blocked" ? "Choose another --stage." : command;
  return { name: "platform", status, detail, ...(state === "current" ? {} : { fix }) };
}
