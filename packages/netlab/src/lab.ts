// A NAT lab as it stands: executes a plan, lets every kind of NAT in it prove its class, and takes it down again.
// One lab at a time in a sandbox.

import { readdirSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { FnmeshError } from "@fnmesh/core";
import { internetHosts } from "./addresses.ts";
import { run } from "./command.ts";
import { notInSandbox } from "./lab-errors.ts";
import type { NatClass } from "./nat-class.ts";
import { forEachBounded } from "./parallel.ts";
import type { LabProfile } from "./profiles.ts";
import { insideSandbox, netnsDirectory } from "./sandbox.ts";
import { selfTest } from "./self-test.ts";
import { type LabPlan, linkGroup, type NamespacePlan, type Place, planLab } from "./topology.ts";

export interface LabOptions {
  readonly profile: LabProfile;
  readonly workers: number;
  /** What each worker's link carries each way, in bits per second. Absent: as much as the machine can. */
  readonly linkRate?: number;
  readonly signal?: AbortSignal;
}

export interface Lab {
  readonly profile: LabProfile;
  /** An address on the lab's "internet", in the namespace of this process: the orchestrator listens on it. */
  readonly orchestratorHost: string;
  /** Where the workers stand, by rank. */
  readonly places: readonly Place[];
  /** What the self-test measured, one for each kind of NAT in the lab. */
  readonly natClasses: readonly NatClass[];
  /** What goes before a worker's command so that it runs in its place: `["nsenter", "--net=…", "--"]`. */
  enter(rank: number): readonly string[];
  /** May be called twice. The processes in the lab must have ended before. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Ports of the shared NATs and private addresses are planned for as many. */
export const mostLabWorkers = 256;

/** Below, a handshake takes seconds; above, no machine that makes a lab of two or more gets there. */
const leastLinkRate = 100_000;
const mostLinkRate = 100_000_000_000;

/** Configuring a namespace is short work of small processes: as many at once as keep a small machine's cores busy. */
const namespacesAtOnce = 4;

/**
 * Builds a lab inside a sandbox (see `runInSandbox` and `prepareSandbox`) and tests its NATs. Rejects with
 * LAB_UNAVAILABLE, LAB_SELF_TEST, LIMIT or CANCELLED, and leaves nothing behind then.
 *
 * @example
 * await using lab = await openLab({ profile: "restricted", workers: 8 });
 * const [command, ...args] = [...lab.enter(0), process.execPath, "worker.mjs"];
 * spawn(command, args); // its NAT lets in only whom it has dialled
 */
export async function openLab({ profile, workers, linkRate, signal }: LabOptions): Promise<Lab> {
  checkOptions(workers, linkRate);
  const plan = planLab(profile, workers, linkRate);
  try {
    await build(plan, signal);
    return labOf(profile, plan, await selfTest({ plan, enter: enterPlace(plan), signal }));
  } catch (error) {
    // What cannot be removed goes with the sandbox; the reader needs the first error.
    await takeDown(plan).catch(() => {});
    throw error;
  }
}

function checkOptions(workers: number, linkRate = leastLinkRate): void {
  if (!insideSandbox()) throw notInSandbox();
  if (readdirSync(netnsDirectory).length > 0)
    throw new FnmeshError("LAB_UNAVAILABLE", "a sandbox takes one NAT lab at a time, and this one has one", {
      hint: "Close the first lab before you open another.",
    });
  if (!(linkRate >= leastLinkRate && linkRate <= mostLinkRate)) {
    throw new FnmeshError(
      "INVALID_ARGUMENT",
      `a link of the NAT lab cannot carry ${linkRate} bits a second`,
      {
        hint: `Give a number from ${leastLinkRate} to ${mostLinkRate}, or none for as much as the machine can.`,
      },
    );
  }
  if (Number.isInteger(workers) && workers >= 1 && workers <= mostLabWorkers) return;
  throw new FnmeshError("LIMIT", `a NAT lab takes 1 to ${mostLabWorkers} workers, not ${workers}`, {
    hint: `Run with --workers ${mostLabWorkers} or fewer, or without a lab (--nat none).`,
  });
}

function labOf(profile: LabProfile, plan: LabPlan, natClasses: readonly NatClass[]): Lab {
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= takeDown(plan);
    return closing;
  };
  return {
    profile,
    orchestratorHost: internetHosts[0],
    places: plan.places,
    natClasses,
    enter: enterPlace(plan),
    close,
    [Symbol.asyncDispose]: close,
  };
}

const enterNamespace = (name: string) => ["nsenter", `--net=${netnsDirectory}/${name}`, "--"];

const enterPlace = (plan: LabPlan) => (rank: number) => {
  const place = plan.places[rank];
  if (place !== undefined) return enterNamespace(place.namespace);
  throw new FnmeshError("INVALID_ARGUMENT", `the lab has no rank ${rank}`, {
    hint: `It has ranks 0 to ${plan.places.length - 1}.`,
  });
};

async function build(plan: LabPlan, signal: AbortSignal | undefined): Promise<void> {
  const purpose = "making the NAT lab's links";
  await run(["ip", "-batch", "-"], { input: lines(plan.links), purpose, signal });
  await forEachBounded(plan.namespaces, namespacesAtOnce, (namespace) =>
    run([...enterNamespace(namespace.name), "sh", "-e"], {
      input: namespaceScript(namespace),
      purpose: `configuring ${namespace.name} of the NAT lab`,
      signal,
    }),
  );
  await run(["ip", "-batch", "-"], {
    input: lines(plan.routes),
    purpose: "making the NAT lab's routes",
    signal,
  });
  if (plan.tc.length === 0) return;
  await run(["tc", "-batch", "-"], {
    input: lines(plan.tc),
    purpose: "limiting the NAT lab's links",
    signal,
  });
}

const lines = (list: readonly string[]) => list.map((line) => `${line}\n`).join("");

/** One shell for a namespace, instead of one process for each tool that has to enter it. */
export function namespaceScript({ settings, ip, tc = [], rules }: NamespacePlan): string {
  const here = (command: string, text: string) => `${command} <<'END'\n${text}END\n`;
  const set = settings.map(({ path, value }) => {
    const file = `/proc/sys/net/${path}`;
    // A kernel without IPv6 has none of its settings, and needs none.
    return `[ ! -e ${file} ] || echo '${value}' > ${file}`;
  });
  return [
    lines(set),
    here("ip -batch -", lines(ip)),
    tc.length === 0 ? "" : here("tc -batch -", lines(tc)),
    rules === undefined ? "" : here("nft -f -", rules),
  ].join("");
}

/** Removes what stands of a plan, all of it or what a failure left. */
async function takeDown(plan: LabPlan): Promise<void> {
  const ours = new Set(plan.namespaces.map(({ name }) => name));
  const namespaces = readdirSync(netnsDirectory).filter((name) => ours.has(name));
  const addresses = networkInterfaces().lo?.map(({ address }) => address) ?? [];
  const hasLinks = /^\s*[nw]\d+:/m.test(readFileSync("/proc/net/dev", "utf8"));
  const commands = [
    ...(hasLinks ? [`link del group ${linkGroup}`] : []),
    ...namespaces.map((name) => `netns del ${name}`),
    ...internetHosts.filter((host) => addresses.includes(host)).map((host) => `addr del ${host}/32 dev lo`),
  ];
  await run(["ip", "-batch", "-"], { input: lines(commands), purpose: "taking down the NAT lab" });
}
