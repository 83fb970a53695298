// What an answer of Cloud Run's own means for the worker that was asked for.

import { FnmeshError } from "@fnmesh/core";
import type { LaunchRequest, WorkerExit } from "@fnmesh/core/internal";
import type { HttpAnswer } from "../kit/http-call.ts";
import { usualVerdict } from "../kit/http-provider.ts";

/** What it says where no instance was free in time (cloud.google.com/run/docs/troubleshooting). */
const noInstance = /no available instance|rate exceeded|scaling/i;

/** Cloud Run's 500 and 503 are also what an instance leaves behind that broke, or used up its memory. */
export function verdict(answer: HttpAnswer, launch: LaunchRequest): WorkerExit {
  const { status, text } = answer;
  if (status === 403) {
    throw new FnmeshError("PLATFORM_AUTH", "Google refuses this account at the function", {
      hint: "Grant it the role roles/run.invoker on the function: docs/providers/google.md.",
    });
  }
  if (status !== 500 && status !== 503) return usualVerdict(answer, launch);
  if (noInstance.test(text)) return usualVerdict({ ...answer, status: 429 }, launch);
  const said = text.trim().slice(0, 500);
  const detail = `the instance broke, or used up its memory: Cloud Run answered ${status}: ${said}`;
  return { kind: "crashed", detail };
}
