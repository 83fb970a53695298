// Running behind NATs: the command starts itself a second time inside a sandbox of namespaces, and there builds the lab.

import { FnmeshError } from "@fnmesh/core";
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
import type { ExitCode } from "./exit-codes.ts";
import type { RunOptions } from "./options/run-options.ts";

type LabWishes = Pick<RunOptions, "nat" | "workers">;

/** Whether this process has to hand over to one inside a sandbox. */
export const needsSandbox = ({ nat }: LabWishes, environment: NodeJS.ProcessEnv): boolean =>
  nat !== "none" && !insideSandbox(environment);

/**
 * Runs this very command line again inside a sandbox and passes its exit code on. Rejects with LIMIT, or with
 * LAB_UNAVAILABLE where this machine cannot make a lab.
 */
export async function rerunInSandbox({ workers }: LabWishes): Promise<ExitCode> {
  if (workers > mostLabWorkers) {
    throw new FnmeshError("LIMIT", `a NAT lab takes 1 to ${mostLabWorkers} workers, not ${workers}`, {
      hint: `Use --workers ${mostLabWorkers} or fewer, or run without a lab: --nat none.`,
    });
  }
  requireLab(await labAvailability());
  const code = await runInSandbox([process.execPath, ...process.execArgv, ...process.argv.slice(1)]);
  if (isExitCode(code)) return code;
  // The inner command always ends with one of its own codes: it was killed, and has told nobody.
  throw new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `the command inside the NAT lab was killed (${code})`, {
    hint: "Is the machine out of memory? Run with fewer workers, or look into the system's log.",
  });
}

const isExitCode = (code: number): code is ExitCode => [0, 1, 2, 3, 130].includes(code);

/** Builds the lab, inside the sandbox. Rejects with LAB_UNAVAILABLE, LAB_SELF_TEST or CANCELLED. */
export async function openSandboxedLab(wishes: LabWishes, signal: AbortSignal): Promise<Lab> {
  await prepareSandbox(signal);
  return await openLab({ profile: wishes.nat, workers: wishes.workers, signal });
}
