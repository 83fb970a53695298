// What fnmesh keeps on Code Engine: one application of the generic container.

import { callerHash, callerHashVariable, requiredCallerKey } from "../kit/caller-key.ts";
import type { Facts, Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { PlatformSession } from "../platform.ts";
import { type Application, createCodeEngine, type Variable } from "./api.ts";
import { sizes } from "./limits.ts";
import { type IbmSettings, marginMs } from "./settings.ts";

/** Marks what is ours: applications have no labels. */
const ownVariable = "FNMESH_STAGE";
const readyMs = 300_000;
const port = 8080;

export function applicationResource(settings: IbmSettings, session: PlatformSession): Resource {
  const { name } = settings;
  const engine = createCodeEngine(settings, session);
  const wanted = applicationOf(settings, callerHash(requiredCallerKey(session.environment)));
  const until = (what: string, signal: AbortSignal, isSo: (found: Application | undefined) => boolean) =>
    untilReady({ what, withinMs: readyMs, clock: session.clock, signal }, async () =>
      isSo(await engine.find(signal)),
    );
  const ready = (signal: AbortSignal) =>
    until(`the application ${name}`, signal, (found) => found?.status === "ready");
  return {
    kind: "application",
    name,
    wanted: { ...factsOf(wanted), state: "ready" },
    async read(signal) {
      const found = await engine.find(signal);
      if (found === undefined) return undefined;
      return {
        facts: { ...factsOf(found), state: found.status ?? "" },
        ours: variableOf(found, ownVariable) !== "",
      };
    },
    async create(signal) {
      await engine.create({ name, ...wanted }, signal);
      await ready(signal);
    },
    async update(changed, signal) {
      const found = await engine.find(signal);
      // One that is only not ready yet is waited for.
      if (found !== undefined && changed.some((fact) => fact !== "state")) {
        await engine.change(found.entity_tag, wanted, signal);
      }
      await ready(signal);
    },
    async remove(signal) {
      await engine.remove(signal);
      await until(`the removal of ${name}`, signal, (found) => found === undefined);
    },
  };
}

type Wanted = Omit<Application, "name" | "entity_tag" | "status" | "endpoint">;

function applicationOf(settings: IbmSettings, caller: string): Wanted {
  const { stage, image, imageSecret, memoryMb, timeoutMs, minInstances, maxInstances } = settings;
  const literal = (name: string, value: string): Variable => ({ type: "literal", name, value });
  return {
    image_reference: image,
    ...(imageSecret === undefined ? {} : { image_secret: imageSecret }),
    image_port: port,
    // An instance's memory is one worker's.
    scale_concurrency: 1,
    scale_cpu_limit: sizes[memoryMb]!,
    scale_memory_limit: `${memoryMb / 1000}G`,
    scale_min_instances: minInstances,
    scale_max_instances: maxInstances,
    scale_request_timeout: Math.ceil((timeoutMs + marginMs) / 1000),
    run_env_variables: [literal(ownVariable, stage), literal(callerHashVariable, caller)],
  };
}

const variableOf = (
  { run_env_variables: variables = [] }: Pick<Application, "run_env_variables">,
  name: string,
) => variables.find((each) => each.name === name)?.value ?? "";

const factsOf = (told: Wanted): Facts => ({
  image: told.image_reference,
  imageSecret: told.image_secret ?? "none",
  port: told.image_port ?? port,
  concurrency: told.scale_concurrency ?? 0,
  processors: told.scale_cpu_limit ?? "",
  memory: told.scale_memory_limit ?? "",
  timeout: `${told.scale_request_timeout ?? 0} s`,
  minInstances: told.scale_min_instances ?? 0,
  maxInstances: told.scale_max_instances ?? 0,
  caller: `sha256 ${variableOf(told, callerHashVariable).slice(0, 12)}`,
});
