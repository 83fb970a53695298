// The function side on Azure: what the app registers as the handler of its queue (app-package.ts). The host hands over a
// message that is JSON as what it says.

import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

/** Never rejects: for Azure that would be a reason to deliver the message again. */
export async function worker(message: unknown): Promise<void> {
  await run({ event: message });
}
