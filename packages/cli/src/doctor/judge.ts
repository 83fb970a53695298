// From what was measured to an answer with advice. Pure; the figures have their reasons beside them.

import type { LabAvailability } from "@fnmesh/netlab";
import { formatBytes, formatCount, plural } from "../text/format.ts";
import type { Check } from "./check.ts";

const leastNode = [20, 19] as const;
const mostWorkers = 1000;
const presetWorkers = 4;

export function judgeNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const name = "Node";
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) {
    return { name, status: "ok", detail: version };
  }
  const detail = `${version} is too old`;
  return {
    name,
    status: "fail",
    detail,
    fix: `Install Node ${leastNode.join(".")} or later: https://nodejs.org`,
  };
}

export function judgePlatform(platform: string, arch: string): Check {
  const detail = `${platform} ${arch}`;
  if (platform === "linux") return { name: "platform", status: "ok", detail };
  const fix = "Memory limits of local workers and the NAT lab need Linux; everything else works.";
  return { name: "platform", status: "warn", detail, fix };
}

export function judgeLab(lab: LabAvailability): Check {
  const name = "NAT lab";
  if (lab.available) {
    return { name, status: "ok", detail: lab.rootless ? "in a user namespace, without root" : "as root" };
  }
  const what = lab.missing.map((missing) => missing.what).join("; ");
  const fix = [...new Set(lab.missing.map(({ hint }) => hint))].join(" ");
  return { name, status: "warn", detail: `not here (--nat): ${what}`, fix };
}

/** A local worker takes its control and relay connection and six ends of pipes. */
const descriptorsPerWorker = 8;
/** For Node itself, input files and API clients. */
const descriptorsBeside = 128;

/** `limit`: files that a process may have open; undefined where the system does not say. */
export function judgeDescriptors(limit: number | undefined): Check {
  const name = "open files";
  if (limit === undefined) return { name, status: "ok", detail: "the limit is not known here" };
  const room = Math.max(
    0,
    Math.min(mostWorkers, Math.floor((limit - descriptorsBeside) / descriptorsPerWorker)),
  );
  const detail = `${formatCount(limit)} a process: enough for ${plural(room, "worker")}`;
  if (room >= mostWorkers) return { name, status: "ok", detail };
  const needed = mostWorkers * descriptorsPerWorker + descriptorsBeside;
  const fix = `For ${formatCount(mostWorkers)} workers: ulimit -n ${needed}`;
  if (room < 1) return { name, status: "fail", detail, fix };
  // A hundred is more than most machines have processors for; no need to trouble anyone.
  return room >= 100 ? { name, status: "ok", detail } : { name, status: "warn", detail, fix };
}

/** What a worker's process takes before its job does anything. */
const workerBytes = 64e6;

export function judgeMemory(availableBytes: number): Check {
  const room = Math.floor(availableBytes / workerBytes);
  const detail = `${formatBytes(availableBytes)} available: enough for ${plural(Math.min(room, mostWorkers), "small worker")}`;
  const name = "memory";
  if (room >= presetWorkers) return { name, status: "ok", detail };
  const fix = `A worker takes ${formatBytes(workerBytes)} or more: end other programs, or use fewer --workers.`;
  return { name, status: room < 1 ? "fail" : "warn", detail, fix };
}
