// AWS Lambda.

import type { Platform, PlatformSession } from "../platform.ts";
import { accountConcurrency } from "./account.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import { awsProvider } from "./provider.ts";
import { awsResources } from "./resources.ts";
import { awsClients, type SdkLoaders, sdkLoaders, sdkPackages } from "./sdk.ts";
import { type AwsSettings, awsSettings } from "./settings.ts";

/** The account's limits are worth no longer wait: without credentials, the SDK looks for some in many places. */
const accountMs = 5_000;

export interface AwsPlatformOptions {
  /** How AWS's packages are imported. Default: as they are installed. */
  readonly load?: SdkLoaders;
  /** The function's code. Default: what the build has made of entry.ts. */
  readonly code?: Uint8Array;
}

export function awsPlatform({ load = sdkLoaders, code }: AwsPlatformOptions = {}): Platform<AwsSettings> {
  return {
    name: "aws",
    title: "AWS Lambda",
    limits,
    network,
    needs: { packages: sdkPackages, tools: [] },
    prices,
    settings: awsSettings,
    async resources(settings, { environment, clock }) {
      const clients = await awsClients(load, { settings, environment });
      return awsResources({ settings, clients, clock, ...(code === undefined ? {} : { code }) });
    },
    async open(settings, session) {
      const { environment } = session;
      // One try each: the throttle tries again, and knows how fast.
      const clients = await awsClients(load, { settings, environment, lambdaTries: 1 });
      const concurrency = await within(session, (signal) =>
        accountConcurrency(clients.lambda, session.log, signal),
      );
      return awsProvider({ settings, clients, session, concurrency });
    },
  };
}

async function within<T>({ clock }: PlatformSession, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = clock.setTimer(accountMs, () => late.abort(new Error("no answer in time")));
  try {
    return await ask(late.signal);
  } finally {
    timer.cancel();
  }
}

export const aws: Platform<AwsSettings> = awsPlatform();
