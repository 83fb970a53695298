// What fnmesh keeps on Knative: a ConfigMap with the function's code, unless an image brings it, and a Service.

import { readFile } from "node:fs/promises";
import { builtEntry } from "../kit/built-entry.ts";
import type { Resource } from "../kit/deployment.ts";
import { createKubectl, type Kubectl } from "../kit/kubectl.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import {
  type ConfigMap,
  configMapFacts,
  configMapName,
  configMapOf,
  factsOf,
  isReady,
  type KnativeService,
  kinds,
  ownLabel,
  serviceOf,
  wantedFacts,
} from "./service.ts";
import type { KnativeSettings } from "./settings.ts";

/** An image may have to come from far. */
const readyMs = 300_000;

export async function knativeResources(
  settings: KnativeSettings,
  session: PlatformSession,
): Promise<readonly Resource[]> {
  const kubectl = createKubectl(settings, session);
  const own = settings.image === undefined;
  const code = own ? await readFile(builtEntry("container/entry.cjs"), "utf8") : undefined;
  return [codeResource(settings, kubectl, code), serviceResource(settings, session, kubectl, code)];
}

/** `code`: undefined where the image brings it. */
function codeResource(settings: KnativeSettings, kubectl: Kubectl, code: string | undefined): Resource {
  const name = configMapName(settings);
  const manifest = configMapOf(settings, code ?? "");
  const apply = (signal: AbortSignal) => kubectl.apply(manifest, signal);
  return {
    kind: "config map",
    name,
    wanted: code === undefined ? undefined : configMapFacts(manifest),
    async read(signal) {
      const found = await kubectl.get<ConfigMap>(kinds.configMap, name, signal);
      if (found === undefined) return undefined;
      return { facts: configMapFacts(found), ours: found.metadata.labels?.[ownLabel] !== undefined };
    },
    create: apply,
    update: (_, signal) => apply(signal),
    remove: (signal) => kubectl.remove(kinds.configMap, name, signal),
  };
}

function serviceResource(
  settings: KnativeSettings,
  { clock }: PlatformSession,
  kubectl: Kubectl,
  code: string | undefined,
): Resource {
  const { name } = settings;
  const find = (signal: AbortSignal) => kubectl.get<KnativeService>(kinds.service, name, signal);
  const apply = async (signal: AbortSignal) => {
    await kubectl.apply(serviceOf(settings, code), signal);
    await untilReady({ what: `the service ${name}`, withinMs: readyMs, clock, signal }, async () => {
      const found = await find(signal);
      return found !== undefined && isReady(found);
    });
  };
  return {
    kind: "service",
    name,
    wanted: wantedFacts(settings, code),
    async read(signal) {
      const found = await find(signal);
      if (found === undefined) return undefined;
      return { facts: factsOf(found), ours: found.metadata.labels?.[ownLabel] !== undefined };
    },
    create: apply,
    update: (_, signal) => apply(signal),
    remove: (signal) => kubectl.remove(kinds.service, name, signal),
  };
}
