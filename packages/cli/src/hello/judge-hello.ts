// From what a greeting's reports say to what a person pastes into a bug report. Pure. Of errors only the codes go in, and
// of texts what names no machine and no account: the rest is for the person's own terminal.

import type { ErrorCode } from "@fnmesh/core";
import type { ProviderNetwork } from "@fnmesh/core/internal";
import type { JobReport } from "@fnmesh/orchestrator";
import type { DeploymentState } from "../commands/status.ts";
import { formatCount, plural } from "../text/format.ts";
import { helloPairs, helloWorkers, isWhole } from "./hello-job.ts";

export type HelloName = "deployment" | "invoke" | "punch" | "relay" | "clean-up";

/** `skipped`: something before it failed. */
export interface HelloStep {
  readonly name: HelloName;
  readonly status: "ok" | "warn" | "fail" | "skipped";
  readonly detail: string;
  readonly ms?: number;
  readonly code?: ErrorCode;
}

const ids: readonly [RegExp, string][] = [
  [/\barn:[^\s"',]+/gi, "<arn>"],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, "<address>"],
  [/(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, "<address>"],
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, "<id>"],
  [/\b\d{9,}\b/g, "<id>"],
  // What workers dial may have a name that was never given here: that of an orchestrator elsewhere.
  [/(?<=\b(?:ENOTFOUND|EAI_AGAIN) )[^\s<]\S*/g, "<name>"],
  [/\b(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}\b/gi, "<name>"],
];

/** Without what says whose it is: addresses, accounts, and names of machines, `names` among them. */
export function scrubbed(text: string, names: readonly string[] = []): string {
  const named = names
    .filter((name) => name !== "")
    .reduce((left, name) => left.replaceAll(name, "<name>"), text);
  return ids.reduce((left, [pattern, word]) => left.replace(pattern, word), named);
}

const states: Readonly<Record<DeploymentState, readonly [HelloStep["status"], string]>> = {
  current: ["ok", "up to date"],
  outdated: ["warn", "not up to date: fnmesh deploy has something to do"],
  absent: ["fail", "not deployed: fnmesh deploy makes it"],
  blocked: ["fail", "a name is somebody else's: fnmesh diff says which"],
};

export function judgeDeployment(state: DeploymentState, ms: number): HelloStep {
  const [status, detail] = states[state];
  return { name: "deployment", status, detail, ms };
}

type Reported = Pick<JobReport, "error" | "result" | "timing" | "pairs" | "paths" | "mappings">;

/** Whether workers start, meet and end; what became of their pairs is another matter. */
export function judgeInvoke(report: Reported): HelloStep {
  const { error, timing } = report;
  const name = "invoke";
  if (error !== null) {
    const detail = `${plural(helloWorkers, "worker")} did not come to an end`;
    return { name, status: "fail", detail, code: error.code, ms: timing.wallMs };
  }
  if (!isWhole(report)) {
    return { name, status: "fail", detail: "worker 0 has not heard from all others", ms: timing.wallMs };
  }
  const ms = timing.launchMs;
  return {
    name,
    status: "ok",
    detail: `${plural(helloWorkers, "worker")} joined, and heard from each other`,
    ms,
  };
}

/** `network`: what is known of the platform's; undefined: this machine's. */
export function judgePunch(
  { pairs, paths, mappings, timing }: Reported,
  network: ProviderNetwork | undefined,
  names: readonly string[] = [],
): HelloStep {
  const counted = `${pairs.direct} of ${helloPairs} pairs direct; ${natsOf(mappings)}`;
  const name = "punch";
  const ms = timing.connectMs;
  if (pairs.direct === helloPairs) return { name, status: "ok", detail: counted, ms };
  const because = `${counted}; ${reasonsOf(paths, names).join("; ")}`;
  // What a network is known not to let through is no fault to report.
  if (network?.punching === "fails" && pairs.direct === 0) return { name, status: "ok", detail: because, ms };
  return { name, status: "warn", detail: because, ms };
}

type Mapping = JobReport["mappings"][number];

const mappingWords: Readonly<Record<Mapping, string>> = {
  none: "without a NAT",
  "endpoint-independent": "behind a NAT with endpoint-independent mapping",
  "address-dependent": "behind a NAT with address-dependent mapping",
  "address-and-port-dependent": "behind a NAT with address-and-port-dependent mapping",
  unknown: "behind nobody knows what",
};

/** In the words of RFC 4787. Workers of one function may come to stand behind several NATs. */
function natsOf(mappings: readonly Mapping[]): string {
  const counts = new Map<Mapping, number>();
  for (const mapping of mappings) counts.set(mapping, (counts.get(mapping) ?? 0) + 1);
  return [...counts].map(([mapping, count]) => `${formatCount(count)} ${mappingWords[mapping]}`).join(", ");
}

/** The commonest first. */
function reasonsOf(paths: JobReport["paths"], names: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const { path, reason = "the reason is not known" } of paths) {
    if (path === "direct") continue;
    const text = `${path}: ${scrubbed(reason, names)}`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([text, count]) => `${formatCount(count)} ${text}`);
}

export function judgeRelay(report: Reported): HelloStep {
  const { error, pairs, timing } = report;
  const detail = `${pairs.relay} of ${helloPairs} pairs by the relay`;
  const isGood = isWhole(report) && pairs.relay === helloPairs;
  const step = { name: "relay", status: isGood ? "ok" : "fail", detail, ms: timing.wallMs } as const;
  return error === null ? step : { ...step, code: error.code };
}

/** `warnings`: what could not be closed, one each. */
export const judgeCleanUp = (warnings: number, ms: number): HelloStep =>
  warnings === 0
    ? { name: "clean-up", status: "ok", detail: "nothing is left running", ms }
    : { name: "clean-up", status: "warn", detail: `${plural(warnings, "part")} did not close in time`, ms };

export const skipped = (name: HelloName): HelloStep => ({ name, status: "skipped", detail: "not tried" });
