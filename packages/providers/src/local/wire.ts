// What the local provider and a worker's process agree on. Invocations come as JSON lines on standard input, so that
// the secret is in no argument and no variable; what became of each goes back as a JSON line on descriptor 3, because
// stdout and stderr are the user's. When standard input ends, the provider is gone, and so is the process.
//
//   provider -> stdin   { version, job, rank, … }\n                            one Invocation; another may follow (warm)
//   fd 3 -> provider    { "ready": true }\n                                    once, when the code is loaded
//                       { "ok": true }\n  or  { "ok": false, "error": … }\n    one for each invocation

import type { ErrorRecord } from "@fnmesh/core";

/** Beside stdin, stdout and stderr. */
export const answerFd = 3;

export type Answer = { readonly ok: true } | { readonly ok: false; readonly error: ErrorRecord };
export interface Ready {
  readonly ready: true;
}

/** Tells the process to look after its parent itself, where the kernel does not. */
export const watchParentFlag = "--watch-parent";
