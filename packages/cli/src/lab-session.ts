// Running behind NATs: the command starts itself a second time inside a sandbox of namespaces, and there builds the lab.

import type { ChildProcess } from "node:child_process";
import { FnmeshError } from "@fnmesh/core";
import { nodeClock } from "@fnmesh/core/internal";
import {
  insideSandbox,
  type Lab,
  labAvailability,
  mostLabWorkers,
  openLab,
  prepareSandbox,
  requireLab,
  runInSandbox,
} from "@fnmesh/netlab";
import type { StoreSettings } from "@fnmesh/stores";
import type { ExitCode } from "./exit-codes.ts";
import { codeSaid, innerVariable } from "./inner-exit.ts";
import { watchInterrupts } from "./interrupt.ts";
import { type InnerGate, openInnerGate } from "./lab-gate/inner-gate.ts";
import { serveGate } from "./lab-gate/outer-gate.ts";
import { targetsOf } from "./lab-gate/targets.ts";
import type { RunOptions } from "./options/run-options.ts";

type LabWishes = Pick<RunOptions, "nat" | "workers">;

/** Whether this process has to hand over to one inside a sandbox. */
export const needsSandbox = ({ nat }: LabWishes, environment: NodeJS.ProcessEnv): boolean =>
  nat !== "none" && !insideSandbox(environment);

/**
 * Runs this very command line again inside a sandbox and passes its exit code on; connections to the stores are made
 * out here. Rejects with LIMIT,
 * CANCELLED, or LAB_UNAVAILABLE where this machine cannot make a lab.
 */
export async function rerunInSandbox({ workers }: LabWishes, stores: StoreSettings): Promise<ExitCode> {
  if (workers > mostLabWorkers) {
    throw new FnmeshError("LIMIT", `a NAT lab takes 1 to ${mostLabWorkers} workers, not ${workers}`, {
      hint: `Use --workers ${mostLabWorkers} or fewer, or run without a lab: --nat none.`,
    });
  }
  const interrupts = watchInterrupts({ source: process, clock: nodeClock, force: endSoon });
  try {
    requireLab(await labAvailability());
    interrupts.signal.throwIfAborted();
    const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
    const env = { ...process.env, [innerVariable]: "1" };
    const targets = targetsOf(stores);
    const gate = { onChannel: (sandbox: ChildProcess) => serveGate(sandbox, targets) };
    const code = await runInSandbox(argv, { env, ...(targets.size === 0 ? {} : gate) });
    const said = codeSaid(code);
    if (said !== undefined) return said;
    // It was ended from outside, and has told nobody why.
    interrupts.signal.throwIfAborted();
    throw new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `the command inside the NAT lab was killed (${code})`, {
      hint: "Is the machine out of memory? Run with fewer workers, or look into the system's log.",
    });
  } finally {
    interrupts.close();
  }
}

/** The inner command ends at once by itself; should it be unable to, this process's end takes the sandbox along. */
const endSoon = () => void setTimeout(() => process.exit(130), 2_000).unref();

/** Builds the lab, inside the sandbox. Rejects with LAB_UNAVAILABLE, LAB_SELF_TEST or CANCELLED. */
export async function openSandboxedLab(wishes: LabWishes, signal: AbortSignal): Promise<Lab> {
  await prepareSandbox(signal);
  return await openLab({ profile: wishes.nat, workers: wishes.workers, signal });
}

/** The way of the lab to stores outside of it. Inside the sandbox only. */
export const openLabGate = (stores: StoreSettings, { orchestratorHost }: Lab): Promise<InnerGate> =>
  openInnerGate(stores, orchestratorHost, process);
