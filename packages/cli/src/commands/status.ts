// `fnmesh status`: what fnmesh keeps on a platform, whether that is what it should be, and what functions have there.

import { toFnmeshError } from "@fnmesh/core/internal";
import { diff, type Listed, type Platform, type Resource, type Step, survey } from "@fnmesh/providers";
import { onDeployment, type RawDeploymentOptions } from "../deployment/open-deployment.ts";
import { changesAnything, factText, planSummary } from "../deployment/plan-view.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type Host, stdoutStyle, writeJson } from "../host.ts";
import type { Platforms } from "../platform/pick-platform.ts";
import { tableLines } from "../report-view/table.ts";
import { oneLine } from "../text/columns.ts";
import { type Line, paint, piece } from "../text/paint.ts";

/** `absent`: nothing is there. `outdated`: a deploy would do something. `blocked`: a name is somebody else's. */
export type DeploymentState = "current" | "outdated" | "absent" | "blocked";

export interface DeploymentStatus {
  readonly state: DeploymentState;
  readonly listed: readonly Listed[];
  /** What a deploy would do; nothing when it is blocked. */
  readonly plan: readonly Step[];
  /** Why it is blocked. */
  readonly reason?: string;
}

/** Rejects with PLATFORM_AUTH, PROVIDER_UNAVAILABLE, … or the signal's reason. */
export async function statusOf(
  resources: readonly Resource[],
  signal: AbortSignal,
): Promise<DeploymentStatus> {
  const listed = await survey(resources, signal);
  try {
    const plan = await diff(resources, signal);
    const state = listed.length === 0 ? "absent" : changesAnything(plan) ? "outdated" : "current";
    return { state, listed, plan };
  } catch (thrown) {
    const error = toFnmeshError(thrown, "DEPLOY_FAILED");
    if (error.code !== "DEPLOY_FAILED") throw thrown;
    return { state: "blocked", listed, plan: [], reason: error.message };
  }
}

/** Rejects as `deployCommand`. What is not there is no error. */
export const statusCommand = (
  raw: RawDeploymentOptions,
  host: Host,
  platforms: Platforms,
): Promise<ExitCode> =>
  onDeployment("status", raw, { host, platforms }, async (deployment) => {
    const { platform, stage, signal, steps, json } = deployment;
    steps.phase(`asking ${platform.title} what is there`);
    const status = await statusOf(await deployment.resources(), signal);
    steps.phase("");
    const { limits, network, name } = platform;
    if (json) await writeJson(host, { platform: name, stage, ...status, limits, network, error: null });
    const style = { ...stdoutStyle(host), columns: Number.MAX_SAFE_INTEGER };
    await deployment.say(statusLines(platform, stage, status).map((line) => paint(line, style)));
    return 0;
  });

const verdicts: Readonly<Record<DeploymentState, (status: DeploymentStatus) => Line>> = {
  current: () => [piece("up to date", "good")],
  outdated: ({ plan }) => [
    piece("not up to date", "busy"),
    piece(`: fnmesh deploy has ${planSummary(plan, "before")}`),
  ],
  absent: () => [piece("not deployed", "busy"), piece(": fnmesh deploy makes it")],
  blocked: ({ reason = "" }) => [piece("in the way: ", "bad"), piece(oneLine(reason))],
};

export function statusLines(platform: Platform, stage: string, status: DeploymentStatus): Line[] {
  const rows = status.listed.map(({ kind, name, facts }) => [
    kind,
    name,
    Object.entries(facts)
      .map(([fact, value]) => `${fact}: ${factText(value)}`)
      .join(", "),
  ]);
  return [
    [piece(platform.title, "bold"), piece(`, stage ${stage}: `), ...verdicts[status.state](status)],
    ...tableLines(rows),
    [piece("limits   ", "dim"), piece(limitsText(platform))],
    [piece("network  ", "dim"), piece(networkText(platform))],
  ];
}

const limitsText = ({ limits }: Pick<Platform, "limits">): string => {
  const { memoryMb, timeoutMs, payloadBytes, diskMb, descriptors, concurrency } = limits;
  return [
    `${memoryMb.least} to ${memoryMb.most} MB of memory`,
    `${timeoutMs.most / 1000} s`,
    `${concurrency} at one time`,
    ...(diskMb === undefined ? [] : [`${diskMb} MB of disk`]),
    ...(descriptors === undefined ? [] : [`${descriptors} open files`]),
    `events of ${Math.floor(payloadBytes / 1024)} KiB`,
  ].join(", ");
};

const punchingWords = {
  works: "functions get through to each other",
  fails: "functions do not get through to each other: auto begins with the relay",
  unknown: "functions try to get through to each other",
} as const;

export const networkText = ({ network }: Pick<Platform, "network">): string =>
  `${punchingWords[network.punching]}, because ${network.because}`;
