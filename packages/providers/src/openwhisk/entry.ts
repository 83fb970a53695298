// The function side on OpenWhisk: an action of one file, which its runtime for Node calls with the parameters of each
// activation.

import type { Answer } from "../kit/answer.ts";
import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

export function main(params: unknown): Promise<Answer> {
  // The runtime says so before each activation, in milliseconds since 1970.
  const deadline = Number(process.env.__OW_DEADLINE);
  return run({ event: params, remainingMs: deadline > 0 ? deadline - Date.now() : undefined });
}
