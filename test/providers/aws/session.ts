// fnmesh's control side against the fake AWS, with the real SDK in between.

import { silentLog } from "@fnmesh/core/internal";
import type { PlatformSession, Resource } from "@fnmesh/providers";
import { awsPlatform } from "../../../packages/providers/src/aws/index.ts";
import { impatientClock } from "./impatient-clock.ts";
import type { FakeAws } from "./service-front.ts";

/** Stands for the function's code where nothing runs it. */
export const someCode = Buffer.from("exports.handler = async () => ({ ok: true });\n");

export interface AwsRun {
  readonly section?: Readonly<Record<string, unknown>>;
  readonly code?: Uint8Array;
  readonly environment?: PlatformSession["environment"];
  readonly stage?: string;
}

/** One run of the command: settings, session and platform made anew. */
export function awsRun(
  fake: FakeAws,
  { section = {}, code = someCode, environment = {}, stage = "dev" }: AwsRun = {},
) {
  const session: PlatformSession = {
    environment: { ...fake.environment, ...environment },
    clock: impatientClock(),
    log: silentLog,
    random: Math.random,
  };
  const platform = awsPlatform({ code });
  const settings = platform.settings(section, { stage, environment: session.environment });
  return {
    platform,
    settings,
    session,
    resources: (): Promise<readonly Resource[]> => platform.resources(settings, session),
    open: () => platform.open(settings, session),
  };
}
