// The function side on Fn: what its development kit for Node is given (image/func.js) and calls for each
// invocation.

import type { Answer } from "../kit/answer.ts";
import { functionEntry } from "../kit/function-entry.ts";

/** What is read of the kit's context. */
export interface FnContext {
  /** When Fn ends the invocation. */
  readonly deadline: Date | null;
}

const run = functionEntry();

export function handler(event: unknown, { deadline }: FnContext): Promise<Answer> {
  return run({ event, remainingMs: deadline === null ? undefined : deadline.getTime() - Date.now() });
}
