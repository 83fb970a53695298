// The function side on Fn: what its development kit for Node is given (image/func.js) and calls for each
// invocation.

import type { Answer } from "../kit/answer.ts";
import { callerHashVariable, callerHeader, mayCall, strangerAnswer } from "../kit/caller-key.ts";
import { functionEntry } from "../kit/function-entry.ts";

/** What is read of the kit's context. */
export interface FnContext {
  /** When Fn ends the invocation. */
  readonly deadline: Date | null;
  /** The first of that name, however it is written. */
  getHeader(name: string): string | null;
}

const run = functionEntry();

export async function handler(event: unknown, context: FnContext): Promise<Answer> {
  const { [callerHashVariable]: callers } = process.env;
  if (!mayCall(callers, context.getHeader(callerHeader) ?? undefined)) return strangerAnswer;
  const { deadline } = context;
  return await run({ event, remainingMs: deadline === null ? undefined : deadline.getTime() - Date.now() });
}
