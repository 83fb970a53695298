// Workers on Fn: one request each, which lasts as long as the worker.

import { FnmeshError } from "@fnmesh/core";
import type { LaunchRequest, Provider, WorkerExit } from "@fnmesh/core/internal";
import type { HttpAnswer } from "../kit/http-call.ts";
import { httpProvider, usualVerdict } from "../kit/http-provider.ts";
import type { PlatformSession } from "../platform.ts";
import type { Fn } from "./api.ts";
import type { Entity } from "./dialects.ts";
import { limits } from "./limits.ts";
import { network } from "./network.ts";
import { prices } from "./prices.ts";
import type { OracleSettings } from "./settings.ts";

/** Oracle tells no rate; what is too much is refused with 429, and slows this down. */
const rate = { burst: 50, perSecond: 25 } as const;

export function oracleProvider(
  settings: OracleSettings,
  api: Fn,
  { clock, random }: PlatformSession,
): Provider {
  const { memoryMb, timeoutMs } = settings;
  let known: Promise<Entity> | undefined;
  const deployed = (signal: AbortSignal): Promise<Entity> => {
    known ??= findFunction(api, signal).catch((error: unknown) => {
      known = undefined; // It may be deployed by the next launch.
      throw error;
    });
    return known;
  };
  return httpProvider({
    ...{ name: "oracle", network, rate, clock, random, verdict },
    pricedAs: prices(settings),
    deployedMb: memoryMb,
    limits: {
      ...limits,
      memoryMb: { ...limits.memoryMb, most: memoryMb, preset: memoryMb },
      timeoutMs: { most: timeoutMs, preset: timeoutMs },
    },
    request: async ({ invocation, signal }) => api.invocation(await deployed(signal), invocation),
  });
}

async function findFunction(api: Fn, signal: AbortSignal): Promise<Entity> {
  const app = await api.app(signal);
  const fn = app === undefined ? undefined : await api.fn(app.id, signal);
  if (fn !== undefined) return fn;
  throw new FnmeshError("NOT_DEPLOYED", "there is no function of fnmesh's on Fn", {
    hint: "Deploy it first: fnmesh deploy.",
  });
}

/** Fn's own errors say in words what its statuses leave open (github.com/fnproject/fn, api/models/error.go). */
export function verdict(answer: HttpAnswer, launch: LaunchRequest): WorkerExit {
  const { status, text } = answer;
  if (/^(502|504)$/.test(String(status)) && /initializ/i.test(text)) {
    return { kind: "init-failed", detail: `Fn answered ${status}: ${text.trim().slice(0, 500)}` };
  }
  if (status === 504 && /Image pull/.test(text)) {
    throw new FnmeshError("PROVIDER_UNAVAILABLE", "Fn could not pull the function's image in time", {
      hint: "Is oracle.image right, and may Fn read it?",
    });
  }
  return usualVerdict(answer, launch);
}
