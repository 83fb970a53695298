// How many functions the account may run at one time: 1,000 as a rule, but 10 where it is new.

import type { Lambda } from "@aws-sdk/client-lambda";
import type { Log } from "@fnmesh/core/internal";
import { limits } from "./limits.ts";
import { ask } from "./request.ts";

/** Asks the account, and takes the usual figure where that is not allowed or not to be had. */
export async function accountConcurrency(lambda: Lambda, log: Log, signal: AbortSignal): Promise<number> {
  try {
    const { AccountLimit } = await ask({ action: "lambda:GetAccountSettings", signal }, (options) =>
      lambda.getAccountSettings({}, options),
    );
    return AccountLimit?.ConcurrentExecutions ?? limits.concurrency;
  } catch (thrown) {
    // No reason not to start: whatever is wrong shows at the first launch, with its own error.
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    log.debug("AWS does not tell the account's limits", { detail });
    return limits.concurrency;
  }
}
