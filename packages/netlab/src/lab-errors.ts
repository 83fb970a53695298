// The errors that more than one part of the lab throws.

import { FnmeshError } from "@fnmesh/core";

export const doctorHint =
  "`fnmesh doctor` says what this machine lacks; `--nat none` runs without a NAT lab.";

/** What was being done when the signal came; a reason that is a FnmeshError already stays what it is. */
export function cancelled(signal: AbortSignal, what: string): FnmeshError {
  if (signal.reason instanceof FnmeshError) return signal.reason;
  return new FnmeshError("CANCELLED", `${what} was cancelled`, { cause: signal.reason });
}

export const notInSandbox = () =>
  new FnmeshError("LAB_UNAVAILABLE", "a NAT lab can only be made inside a sandbox", {
    hint: "Start the command through runInSandbox, and call prepareSandbox in it first.",
  });

export const selfTestFailed = (message: string) =>
  new FnmeshError("LAB_SELF_TEST", `the NAT lab's self-test failed: ${message}`, { hint: doctorHint });
