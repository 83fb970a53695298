// What became of an activation, from its record. The texts are OpenWhisk's own (github.com/apache/openwhisk,
// common/scala/src/main/scala/org/apache/openwhisk/http/ErrorResponse.scala).

import type { WorkerExit } from "@fnmesh/core/internal";
import { exitOf, readAnswer } from "../kit/answer.ts";
import type { Activation } from "./api.ts";
import { annotationOf } from "./resources.ts";

export interface Allowed {
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

/**
 * Undefined: this delivery was not the one that counted.
 *
 * @example
 * verdictOf({ response: { status: "success", result: { ok: true } }, … }, settings); // { kind: "completed" }
 */
export function verdictOf(activation: Activation, allowed: Allowed): WorkerExit | undefined {
  const { status = "nothing", result } = activation.response ?? {};
  const answer = readAnswer(JSON.stringify(result ?? null)) ?? applicationAnswer(result);
  if (answer !== undefined) return exitOf(answer);
  const said = textOf(result);
  const detail = said === "" ? `OpenWhisk says ${status}` : `OpenWhisk says ${status}: ${said}`;
  if (status !== "action developer error") return { kind: "crashed", detail };
  if (/exhausted its memory/.test(said)) return { kind: "out-of-memory", limitMb: allowed.memoryMb };
  if (/initializ|initialis/i.test(said)) return { kind: "init-failed", detail };
  if (annotationOf(activation, "timeout") === true || /exceeded its time limits/.test(said)) {
    return { kind: "timed-out", afterMs: activation.duration ?? allowed.timeoutMs };
  }
  return { kind: "crashed", detail };
}

/** Of a result with an `error` in it the record keeps nothing else. */
function applicationAnswer(result: unknown) {
  const { error } = (result ?? {}) as { readonly error?: unknown };
  return typeof error === "object" ? readAnswer(JSON.stringify({ ok: false, error })) : undefined;
}

const shownCharacters = 500;

function textOf(result: unknown): string {
  const { error = "" } = (result ?? {}) as { readonly error?: unknown };
  return (typeof error === "string" ? error : JSON.stringify(error)).trim().slice(0, shownCharacters);
}
