// What an orchestrator's answer other than success means here. What only HTTP knows of becomes one of fnmesh's codes.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import type { HttpErrorCode } from "../api/http-error.ts";

type OnlyHttp = Exclude<HttpErrorCode, ErrorCode>;

const codes: Readonly<Record<OnlyHttp, ErrorCode>> = {
  NOT_FOUND: "ORCHESTRATOR_UNAVAILABLE",
  METHOD_NOT_ALLOWED: "ORCHESTRATOR_UNAVAILABLE",
  UNSUPPORTED_MEDIA_TYPE: "ORCHESTRATOR_UNAVAILABLE",
  FORBIDDEN: "ORCHESTRATOR_UNAVAILABLE",
  BAD_REQUEST: "ORCHESTRATOR_UNAVAILABLE",
  TIMEOUT: "ORCHESTRATOR_UNAVAILABLE",
  HEADERS_TOO_LARGE: "LIMIT",
  BODY_TOO_LARGE: "LIMIT",
  NOT_ENDED: "ORCHESTRATOR_UNAVAILABLE",
  // The file that was named for it is as good as any: it is there that nothing can be had.
  NO_OUTPUT: "ORCHESTRATOR_UNAVAILABLE",
  GONE: "ORCHESTRATOR_UNAVAILABLE",
  TOO_MANY: "ORCHESTRATOR_UNAVAILABLE",
  SPOOL_FULL: "ORCHESTRATOR_UNAVAILABLE",
  DRAINING: "ORCHESTRATOR_UNAVAILABLE",
};

interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** No answer at all, or one that broke off. */
export const unavailable = (address: string, cause: Error): FnmeshError =>
  new FnmeshError(
    "ORCHESTRATOR_UNAVAILABLE",
    `the orchestrator at ${address} does not answer: ${whyOf(cause)}`,
    {
      cause,
      hint: "Is the address right, does it run, and can it be reached from here?",
    },
  );

/** Some errors have a code and no text: those of a name with several addresses. */
const whyOf = (cause: NodeJS.ErrnoException): string => cause.message || cause.code || cause.name;

/** From an answer's status and body. The body may be anybody's: a proxy's page, another service's word. */
export function answerError(address: string, status: number, body: string): FnmeshError {
  const told = toldBy(body);
  if (told === undefined) {
    return new FnmeshError(
      "ORCHESTRATOR_UNAVAILABLE",
      `what answers at ${address} is no orchestrator: it said ${status}`,
      { hint: "Name the address of its HTTP API, which `fnmesh serve` tells when it starts." },
    );
  }
  const { code, message, hint } = told;
  if (code === "AUTH") {
    return new FnmeshError("AUTH", `the orchestrator at ${address} refuses the token`, {
      hint: "Set FNMESH_TOKEN, or name a file that holds the token: --token-file.",
    });
  }
  // An orchestrator of another release has no such path, or does not know a field.
  const other = "It may be of another release: use the same fnmesh on both sides.";
  const details = { hint: hint ?? (code === "NOT_FOUND" ? other : "The orchestrator's log may tell more.") };
  return new FnmeshError(codeOf(code), `the orchestrator at ${address}: ${message}`, details);
}

function codeOf(code: string): ErrorCode {
  if (code === "INTERNAL") return "ORCHESTRATOR_UNAVAILABLE"; // A defect there is none of this process's.
  return (codes as Readonly<Record<string, ErrorCode>>)[code] ?? (code as ErrorCode);
}

function toldBy(body: string): Told | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: Partial<Told> };
    if (typeof error?.code !== "string" || typeof error.message !== "string") return undefined;
    const { code, message, hint } = error;
    return { code, message, ...(typeof hint === "string" ? { hint } : {}) };
  } catch {
    return undefined; // No JSON, or none of ours.
  }
}
