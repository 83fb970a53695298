// What fnmesh keeps on Google: one function, which nobody may invoke without a token. The service behind it, its images
// and the archive of its source are made and kept by Google.

import type { Facts, Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import { type CloudFunction, createGcloud } from "./gcloud.ts";
import type { GoogleSettings } from "./settings.ts";
import { entryPoint, type Source } from "./source.ts";

const ownLabel = "fnmesh";
const codeLabel = "fnmesh-code";
/** A build takes one to three minutes. */
const settledMs = 600_000;
/** Between the worker's limit and the platform's: the worker says itself that its time is over. */
const marginMs = 10_000;
const mostTimeoutMs = 3_600_000;

export function functionResource(
  settings: GoogleSettings,
  session: PlatformSession,
  source: Source,
): Resource {
  const { name, region } = settings;
  const gcloud = createGcloud(settings, session);
  const place = ["--gen2", `--region=${region}`];

  /** As it was last seen: every step begins with a look. */
  let seen: CloudFunction | undefined;
  const look = async (signal: AbortSignal) => {
    seen = await gcloud.find(signal);
    return seen;
  };
  const isSettled = () => !/^(DEPLOYING|DELETING)$/.test(seen?.state ?? "");
  /** An earlier call that was cut off may still be at work: Google takes one at a time. */
  const settled = async (signal: AbortSignal) => {
    if (isSettled()) return;
    const what = `the function ${name}`;
    await untilReady({ what, withinMs: settledMs, clock: session.clock, signal }, async () => {
      await look(signal);
      return isSettled();
    });
  };
  const deploy = async (signal: AbortSignal) => {
    await settled(signal);
    await source.inFolder((folder) => {
      const args = ["functions", "deploy", name, ...place, `--source=${folder}`, ...flags(settings, source)];
      return gcloud.run([...args, "--format=none"], signal);
    });
  };
  return {
    kind: "function",
    name,
    wanted: wantedFacts(settings, source),
    async read(signal) {
      const found = await look(signal);
      if (found === undefined) return undefined;
      return { facts: factsOf(found), ours: found.labels?.[ownLabel] !== undefined };
    },
    create: deploy,
    update: (_, signal) => deploy(signal),
    async remove(signal) {
      if (seen === undefined) await look(signal);
      await settled(signal);
      if (seen === undefined) return;
      await gcloud.run(["functions", "delete", name, ...place], signal);
    },
  };
}

const timeoutSeconds = ({ timeoutMs }: GoogleSettings): number =>
  Math.ceil(Math.min(mostTimeoutMs, timeoutMs + marginMs) / 1000);

function flags(settings: GoogleSettings, { hash }: Source): readonly string[] {
  const { stage, runtime, memoryMb, minInstances, maxInstances, serviceAccount } = settings;
  return [
    `--runtime=${runtime}`,
    `--entry-point=${entryPoint}`,
    "--trigger-http",
    "--no-allow-unauthenticated",
    `--memory=${memoryMb}Mi`,
    `--timeout=${timeoutSeconds(settings)}s`,
    // An instance's memory is one worker's, and none shares a processor with another.
    "--concurrency=1",
    `--min-instances=${minInstances}`,
    `--max-instances=${maxInstances}`,
    `--update-labels=${ownLabel}=${stage},${codeLabel}=${hash}`,
    ...(serviceAccount === undefined ? [] : [`--service-account=${serviceAccount}`]),
  ];
}

function wantedFacts(settings: GoogleSettings, { hash }: Source): Facts {
  const { runtime, memoryMb, minInstances, maxInstances, serviceAccount } = settings;
  return {
    state: "ACTIVE",
    runtime,
    memory: `${memoryMb} MiB`,
    timeout: `${timeoutSeconds(settings)} s`,
    concurrency: 1,
    minInstances,
    maxInstances,
    ...(serviceAccount === undefined ? {} : { serviceAccount }),
    code: hash,
  };
}

function factsOf({ state, labels, buildConfig, serviceConfig }: CloudFunction): Facts {
  return {
    state: state ?? "",
    runtime: buildConfig?.runtime ?? "",
    memory: `${mebibytes(serviceConfig?.availableMemory ?? "")} MiB`,
    timeout: `${serviceConfig?.timeoutSeconds ?? 0} s`,
    concurrency: serviceConfig?.maxInstanceRequestConcurrency ?? 1,
    minInstances: serviceConfig?.minInstanceCount ?? 0,
    maxInstances: serviceConfig?.maxInstanceCount ?? 0,
    serviceAccount: serviceConfig?.serviceAccountEmail ?? "",
    code: labels?.[codeLabel] ?? "",
  };
}

const unitMebibytes: Readonly<Record<string, number>> = { M: 1, Mi: 1, G: 1024, Gi: 1024 };

/** Google tells 1024 MiB as it was given, or in the larger unit. 0: it says nothing. */
function mebibytes(memory: string): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)(Mi|Gi|M|G)$/.exec(memory) ?? [];
  return Number(count ?? 0) * (unitMebibytes[unit ?? ""] ?? 0);
}
