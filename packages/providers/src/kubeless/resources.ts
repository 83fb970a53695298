// What fnmesh keeps on Kubeless: a Function. What its controller makes of it goes with it.

import { readFile } from "node:fs/promises";
import { builtEntry } from "../kit/built-entry.ts";
import type { Resource } from "../kit/deployment.ts";
import { createKubectl } from "../kit/kubectl.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import {
  type Deployment,
  factsOf,
  functionOf,
  isRolledOut,
  type KubelessFunction,
  kinds,
  ownLabel,
  wantedFacts,
} from "./function.ts";
import type { KubelessSettings } from "./settings.ts";

const readyMs = 300_000;

/** Rejects with PROVIDER_UNAVAILABLE where the bundle is not built. */
export async function kubelessResources(
  settings: KubelessSettings,
  session: PlatformSession,
): Promise<readonly Resource[]> {
  session.log.warn("Kubeless has not been maintained since 2021: prefer knative or openfaas");
  const entry = settings.runtime === undefined ? "container/entry.cjs" : "kubeless/entry.cjs";
  const code = await readFile(builtEntry(entry), "utf8");
  return [functionResource(settings, session, code)];
}

function functionResource(settings: KubelessSettings, session: PlatformSession, code: string): Resource {
  const { name } = settings;
  const kubectl = createKubectl(settings, session);
  const find = async (signal: AbortSignal) => {
    const found = await kubectl.get<KubelessFunction>(kinds.function, name, signal);
    if (found === undefined) return undefined;
    const made = await kubectl.get<Deployment>(kinds.deployment, name, signal);
    return { found, ready: isRolledOut(found, made) };
  };
  const apply = async (signal: AbortSignal) => {
    await kubectl.apply(functionOf(settings, code), signal);
    const what = `the function ${name}`;
    await untilReady({ what, withinMs: readyMs, clock: session.clock, signal }, async () => {
      return (await find(signal))?.ready ?? false;
    });
  };
  return {
    kind: "function",
    name,
    wanted: wantedFacts(settings, code),
    async read(signal) {
      const there = await find(signal);
      if (there === undefined) return undefined;
      const ours = there.found.metadata.labels?.[ownLabel] !== undefined;
      return { facts: factsOf(there.found, there.ready), ours };
    },
    create: apply,
    update: (_, signal) => apply(signal),
    remove: (signal) => kubectl.remove(kinds.function, name, signal),
  };
}
