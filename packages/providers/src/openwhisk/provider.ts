// Workers on OpenWhisk: invocations that are queued, and a record of each when it is over.

import type { Provider } from "@fnmesh/core/internal";
import { acceptingProvider, lostUnseen } from "../kit/accepting-provider.ts";
import { pause } from "../kit/pause.ts";
import type { PlatformSession } from "../platform.ts";
import type { OpenWhisk } from "./api.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import type { OpenWhiskSettings } from "./settings.ts";
import { verdictOf } from "./verdict.ts";

const acceptance = {
  // A cold start takes a second or two, an image that an invoker has to pull some more.
  silentMs: 20_000,
  // Records are written some moments after the end.
  verdictMs: 15_000,
} as const;

const askEveryMs = 500;

export function openWhiskProvider(
  settings: OpenWhiskSettings,
  api: OpenWhisk,
  { clock, random }: PlatformSession,
): Provider {
  const { memoryMb, timeoutMs, perMinute } = settings;
  return acceptingProvider({
    ...{ name: "openwhisk", network, acceptance, clock, random },
    deployedMb: memoryMb,
    limits: {
      ...limits,
      memoryMb: { ...limits.memoryMb, most: memoryMb, preset: memoryMb },
      timeoutMs: { most: timeoutMs, preset: timeoutMs },
    },
    // The limit is that of any minute: half of it at once, and half while the minute passes.
    rate: { burst: Math.max(1, Math.floor(perMinute / 2)), perSecond: perMinute / 120 },
    accept: ({ invocation }, signal) => api.invoke(invocation, signal),
    async verdict(id, signal) {
      for (;;) {
        const activation = await api.activation(id, signal);
        if (activation !== undefined) return verdictOf(activation, settings) ?? lostUnseen;
        await pause(clock, askEveryMs, signal);
      }
    },
  });
}
