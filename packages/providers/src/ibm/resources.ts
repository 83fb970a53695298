// What fnmesh keeps on Code Engine: one application of the generic container.

import type { Facts, Resource } from "../kit/deployment.ts";
import type { Application, CodeEngine } from "./cli.ts";
import { processors } from "./limits.ts";
import type { IbmSettings } from "./settings.ts";

/** Code Engine's applications have no labels of one's own, so a variable says whose this is. */
const ownVariable = "FNMESH_STAGE";
/** Between the worker's limit and the platform's: the worker says itself that its time is over. */
const marginMs = 10_000;

export function applicationResource(settings: IbmSettings, codeEngine: CodeEngine): Resource {
  const { name, image, registrySecret, memoryMb, minInstances, maxInstances } = settings;
  const seconds = timeoutSeconds(settings);
  const flags = [
    ...["--image", image],
    ...(registrySecret === undefined ? [] : ["--registry-secret", registrySecret]),
    ...["--cpu", processors[memoryMb]!, "--memory", `${memoryMb / 1000}G`],
    ...["--min-scale", String(minInstances), "--max-scale", String(maxInstances)],
    // A worker has its instance to itself.
    ...["--concurrency", "1", "--request-timeout", String(seconds)],
    ...["--env", `${ownVariable}=${settings.stage}`],
    // Until an instance of it has been ready.
    "--wait",
  ];
  return {
    kind: "application",
    name,
    wanted: {
      image,
      memory: `${memoryMb / 1000}G`,
      timeout: `${seconds} s`,
      concurrency: 1,
      minInstances,
      maxInstances,
    },
    async read(signal) {
      const found = await codeEngine.find(signal);
      return found === undefined ? undefined : { facts: factsOf(found), ours: isOurs(found) };
    },
    create: (signal) => codeEngine.run("create", flags, signal),
    update: (_, signal) => codeEngine.run("update", flags, signal),
    async remove(signal) {
      if ((await codeEngine.find(signal)) !== undefined) {
        await codeEngine.run("delete", ["--force", "--wait"], signal);
      }
    },
  };
}

const timeoutSeconds = ({ timeoutMs }: IbmSettings): number => Math.ceil((timeoutMs + marginMs) / 1000);

const isOurs = ({ spec }: Application): boolean =>
  spec?.template?.spec?.containers?.[0]?.env?.some(({ name }) => name === ownVariable) ?? false;

function factsOf({ spec }: Application): Facts {
  const { metadata, spec: pod } = spec?.template ?? {};
  const [container] = pod?.containers ?? [];
  const scale = (bound: "min" | "max") =>
    Number(
      metadata?.annotations?.[`autoscaling.knative.dev/${bound}-scale`] ??
        metadata?.annotations?.[`autoscaling.knative.dev/${bound}Scale`] ??
        0,
    );
  return {
    image: container?.image ?? "",
    memory: container?.resources?.limits?.memory ?? "",
    timeout: `${pod?.timeoutSeconds ?? 0} s`,
    concurrency: pod?.containerConcurrency ?? 0,
    minInstances: scale("min"),
    maxInstances: scale("max"),
  };
}
