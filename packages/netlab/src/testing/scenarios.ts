// What happens inside the sandbox in the lab tests, by name. Each returns what the test then judges.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import type { FnmeshError } from "@fnmesh/core";
import { run } from "../command.ts";
import { openLab } from "../lab.ts";
import type { LabProfile } from "../profiles.ts";
import { selfTest } from "../self-test.ts";
import { planLab } from "../topology.ts";
import { linkSpeeds } from "./link-speeds.ts";
import { meshOf } from "./mesh.ts";

interface Options {
  readonly profile: LabProfile;
  readonly workers: number;
  readonly linkRate?: number;
}

export const scenarios = {
  /** Opens a lab and tells its classes. */
  async classes({ profile, workers }: Options) {
    await using lab = await openLab({ profile, workers });
    return lab.natClasses;
  },

  /** All pairs of a lab, each twice: once the one side dials first, once the other. */
  async mesh({ profile, workers }: Options) {
    await using lab = await openLab({ profile, workers });
    const ranks = lab.places.map(({ rank }) => rank);
    const higherLast = await meshOf(lab, ranks, Math.max);
    const lowerLast = await meshOf(lab, ranks, Math.min);
    return [...higherLast, ...lowerLast];
  },

  /** What the links of a lab carry while all are busy both ways. */
  async speeds(options: Options) {
    await using lab = await openLab(options);
    return await linkSpeeds(lab);
  },

  /** A large lab, and whether its first, middle and last workers meet. */
  async large({ profile, workers }: Options) {
    const begin = performance.now();
    await using lab = await openLab({ profile, workers });
    const openMs = performance.now() - begin;
    return { openMs, meetings: await meshOf(lab, [0, 1, workers >> 1, workers - 1], Math.max) };
  },

  /** Opens and closes twice, and tells what is left. */
  async reopen({ profile, workers }: Options) {
    for (let round = 0; round < 2; round++) {
      const lab = await openLab({ profile, workers });
      await lab.close();
      await lab.close();
    }
    const links = await run(["ip", "-brief", "link"], { purpose: "listing links" });
    return { namespaces: readdirSync("/run/netns"), links: links.trim().split("\n").length };
  },

  /** A lab that claims to be of another profile than it is. */
  async impostor({ profile, workers }: Options) {
    await using lab = await openLab({ profile: "restricted", workers });
    const plan = planLab("restricted", workers);
    const places = plan.places.map((place) => ({ ...place, profile: profile as "open" }));
    return await selfTest({ plan: { ...plan, places }, enter: lab.enter });
  },

  /** A second lab beside the first, which must not suffer from it. */
  async second({ profile, workers }: Options) {
    await using first = await openLab({ profile, workers });
    const second = await openLab({ profile, workers }).catch((error: FnmeshError) => error.toRecord());
    return { second, meetings: await meshOf(first, [0, 1], Math.max) };
  },

  /** A link of the lab's name is there already. */
  async obstacle({ profile, workers }: Options) {
    const argv = ["ip", "link", "add", "n0", "type", "veth", "peer", "name", "other"];
    await run(argv, { purpose: "making an obstacle" });
    await openLab({ profile, workers });
  },

  /** Gives up while the lab is being made. */
  async cancelled({ profile, workers }: Options) {
    const signal = AbortSignal.timeout(100);
    await openLab({ profile, workers, signal }).finally(() => {
      const left = readdirSync("/run/netns");
      if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
    });
  },

  /** Waits for its end: the outer process gets SIGTERM while it makes the sandbox. */
  async early() {
    await new Promise(() => setInterval(() => {}, 1_000));
  },

  /** Ends as it is told to. */
  async exit({ workers }: Options) {
    process.exit(workers);
  },

  /** Stays with a lab until a signal comes, then ends with that signal's own code. */
  async stay({ profile, workers }: Options) {
    await using lab = await openLab({ profile, workers });
    const signalled = new Promise((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
    });
    const [tool, ...rest] = [...lab.enter(0), "sh", "-c", "echo there; exec sleep 3600"];
    const child = spawn(tool!, rest, { stdio: ["ignore", "pipe", "ignore"] });
    await once(child.stdout, "data");
    console.log(JSON.stringify({ ready: true, mounts: mountsOf("/run/netns") }));
    await signalled;
    process.exit(42);
  },
};

const mountsOf = (place: string) =>
  readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .filter((line) => line.includes(` ${place}`)).length;
