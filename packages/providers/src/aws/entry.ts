// What runs in AWS Lambda: core, called as Lambda's Node runtime calls a handler. Built to one file, `entry.handler`.

import type { Answer } from "../kit/answer.ts";
import { functionEntry } from "../kit/function-entry.ts";

/** What Lambda hands over beside the event, as far as it is used here. */
interface LambdaContext {
  callbackWaitsForEmptyEventLoop: boolean;
  getRemainingTimeInMillis(): number;
}

// One for each execution environment: all that a warm one keeps is the code of earlier jobs.
const run = functionEntry();

export const handler = (event: unknown, context: LambdaContext): Promise<Answer> => {
  // What the job's code may have left open is not waited for: the worker's own end is the end.
  context.callbackWaitsForEmptyEventLoop = false;
  return run({ event, remainingMs: context.getRemainingTimeInMillis() });
};
