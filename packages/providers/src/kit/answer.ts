// What a function answers with when its invocation is over, on every platform: small, and without anything secret.

import type { ErrorRecord } from "@fnmesh/core";
import type { WorkerExit } from "@fnmesh/core/internal";

export type Answer = { readonly ok: true } | { readonly ok: false; readonly error: ErrorRecord };

/** What a function's answer says of it; undefined for a text that is no answer of fnmesh's. Never throws. */
export function readAnswer(text: string): Answer | undefined {
  try {
    const answer = JSON.parse(text) as Partial<Answer> | null;
    if (answer?.ok === true) return { ok: true };
    const error = answer?.ok === false ? answer.error : undefined;
    return typeof error?.code === "string" && typeof error.message === "string"
      ? { ok: false, error }
      : undefined;
  } catch {
    return undefined; // A platform's own page or message: the caller says what to make of it.
  }
}

/** Undefined: this was a second delivery, which says nothing of the worker. */
export function exitOf(answer: Answer): WorkerExit | undefined {
  if (answer.ok) return { kind: "completed" };
  if (answer.error.code === "DUPLICATE") return undefined;
  return { kind: "crashed", detail: answer.error.message, error: answer.error };
}
