// Asks whoever sits at a terminal before what is there is changed or removed. Nobody else is asked.

import { FnmeshError } from "@fnmesh/core";
import type { Host } from "../host.ts";

export type Terminal = Pick<Host, "stdin" | "stdout" | "stderr">;

/** Whether somebody can be asked: both ends are a terminal, and stdout is not a document's. */
export const canAsk = ({ stdin, stderr }: Terminal, json: boolean): boolean =>
  !json && stdin.isTTY === true && stderr.isTTY === true;

/** Rejects with CANCELLED unless the answer is yes. */
export async function askConsent(
  message: string,
  { stdin, stderr }: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message, initialValue: false, input: stdin, output: stderr, signal });
  if (answer === true && !isCancel(answer)) return;
  throw new FnmeshError("CANCELLED", "nothing was changed");
}
