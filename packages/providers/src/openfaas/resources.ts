// What fnmesh keeps on OpenFaaS: one function.

import { FnmeshError } from "@fnmesh/core";
import { callerHash, callerHashVariable, callerKey } from "../kit/caller-key.ts";
import type { Facts, Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import { createGateway, type FunctionStatus } from "./gateway.ts";
import type { OpenFaasSettings } from "./settings.ts";

/** Marks what is ours. */
const ownLabel = "fnmesh";
const readyMs = 120_000;

export function functionResource(settings: OpenFaasSettings, session: PlatformSession): Resource {
  const { name, namespace } = settings;
  const gateway = createGateway(settings, session);
  const deployment = deploymentOf(settings, callerKey(session.environment));
  const path = `/system/function/${name}?namespace=${namespace}`;

  const status = async (signal: AbortSignal): Promise<FunctionStatus | undefined> => {
    const answer = await gateway.call({ path, signal }, [404]);
    return answer.status === 404 ? undefined : (JSON.parse(answer.text) as FunctionStatus);
  };
  const ready = (signal: AbortSignal) =>
    untilReady(
      { what: `the function ${name}`, withinMs: readyMs, clock: session.clock, signal },
      async () => {
        return ((await status(signal))?.availableReplicas ?? 0) > 0;
      },
    );
  const put = async (method: "POST" | "PUT", signal: AbortSignal) => {
    await gateway.call({ path: "/system/functions", method, body: deployment, signal });
    await ready(signal);
  };
  return {
    kind: "function",
    name,
    wanted: factsOf(deployment),
    async read(signal) {
      const found = await status(signal);
      if (found === undefined) return undefined;
      return { facts: factsOf(found), ours: found.labels?.[ownLabel] !== undefined };
    },
    create: (signal) => put("POST", signal),
    update: (_, signal) => put("PUT", signal),
    async remove(signal) {
      const body = { functionName: name, namespace };
      await gateway.call({ path: "/system/functions", method: "DELETE", body, signal }, [404]);
      await untilReady(
        { what: `the removal of ${name}`, withinMs: readyMs, clock: session.clock, signal },
        async () => (await status(signal)) === undefined,
      );
    },
  };
}

const seconds = (ms: number) => `${Math.ceil(ms / 1000)}s`;

/** As the gateway takes it. The watchdog's limits are above the worker's own, which says what happened. */
function deploymentOf(settings: OpenFaasSettings, key: string | undefined) {
  const { name, namespace, image, memoryMb, timeoutMs, replicas } = settings;
  const timeout = seconds(timeoutMs + 10_000);
  return {
    service: name,
    namespace,
    image,
    envVars: {
      ...{ read_timeout: timeout, write_timeout: timeout, exec_timeout: timeout },
      // The gateway lets everybody call a function.
      ...(key === undefined ? {} : { [callerHashVariable]: callerHash(key) }),
    },
    labels: { [ownLabel]: name, "com.openfaas.scale.min": String(replicas) },
    annotations: { "com.openfaas.health.http.path": "/" },
    limits: { memory: `${memoryMb}Mi` },
  };
}

function factsOf({ image, limits, envVars, labels }: Omit<FunctionStatus, "name">): Facts {
  return {
    image,
    memory: limits?.memory ?? "",
    timeout: envVars?.exec_timeout ?? "",
    replicas: labels?.["com.openfaas.scale.min"] ?? "",
    caller: envVars?.[callerHashVariable]?.slice(0, 12) ?? "anybody",
  };
}

/** The function's memory is the deployment's: a job may not ask for more. Throws LIMIT. */
export function checkMemory({ memoryMb }: OpenFaasSettings, asked: number): void {
  if (asked <= memoryMb) return;
  throw new FnmeshError("LIMIT", `${asked} MB of memory, and the function has ${memoryMb} MB`, {
    hint: `Set openfaas.memoryMb to ${asked} and deploy again, or give --memory ${memoryMb}.`,
  });
}
