// Where a measured process runs: each end of a pair gets a core of its own, as two functions have, instead of the
// scheduler putting both on one or two as it pleases; that changed figures by a factor of two from turn to turn.

import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";

/** Pins all threads of the process to one core, where the system can. */
export async function pin(pid: number, core: number): Promise<void> {
  if (process.platform !== "linux" || availableParallelism() <= core) return;
  await promisify(execFile)("taskset", ["-a", "-c", "-p", String(core), String(pid)]);
}
