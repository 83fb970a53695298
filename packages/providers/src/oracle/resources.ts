// What fnmesh keeps on Fn: an application with one function.

import { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";
import { callerFact } from "../kit/caller-key.ts";
import type { Facts, Resource } from "../kit/deployment.ts";
import { untilReady } from "../kit/until-ready.ts";
import type { Fn } from "./api.ts";
import { type Entity, functionName } from "./dialects.ts";
import type { OracleSettings } from "./settings.ts";

/** Oracle's cloud takes a moment to give an application its network, and to take it back. */
const readyMs = 120_000;

export function applicationResource({ name }: OracleSettings, api: Fn, clock: Clock): Resource {
  const until = (isThere: boolean, signal: AbortSignal) =>
    untilReady(
      { what: `the application ${name}`, withinMs: readyMs, clock, signal },
      async () => ((await api.app(signal)) !== undefined) === isThere,
    );
  return {
    kind: "application",
    name,
    wanted: {},
    async read(signal) {
      const found = await api.app(signal);
      return found === undefined ? undefined : { facts: {}, ours: found.ours };
    },
    async create(signal) {
      await api.createApp(signal);
      await until(true, signal);
    },
    update: async () => {}, // It has nothing that could differ.
    async remove(signal) {
      const found = await api.app(signal);
      if (found !== undefined) await api.removeApp(found.id, signal);
      await until(false, signal);
    },
  };
}

export function functionResource(settings: OracleSettings, api: Fn): Resource {
  const { image, memoryMb, timeoutMs, place } = settings;
  const factsOf = (told: Pick<Entity, "image" | "memoryMb" | "timeoutS" | "callerHash">): Facts => ({
    ...{ image: told.image, memory: `${told.memoryMb} MB`, timeout: `${told.timeoutS} s` },
    // Oracle's cloud has its own say in it.
    ...(place === undefined ? { caller: callerFact(told.callerHash) } : {}),
  });
  const find = async (signal: AbortSignal) => {
    const app = await api.app(signal);
    return app === undefined ? undefined : { app, fn: await api.fn(app.id, signal) };
  };
  return {
    kind: "function",
    name: `${settings.name}/${functionName}`,
    wanted: factsOf({
      ...{ image, memoryMb, timeoutS: Math.ceil(timeoutMs / 1000), callerHash: settings.callerHash ?? "" },
    }),
    async read(signal) {
      const fn = (await find(signal))?.fn;
      if (fn === undefined) return undefined;
      return { facts: factsOf(fn), ours: fn.ours };
    },
    async create(signal) {
      await api.createFn(required(await find(signal)).app.id, signal);
    },
    async update(_, signal) {
      const { app, fn } = required(await find(signal));
      await api.updateFn(required(fn).id, app.id, signal);
    },
    async remove(signal) {
      const fn = (await find(signal))?.fn;
      if (fn !== undefined) await api.removeFn(fn.id, signal);
    },
  };
}

function required<T>(found: T | undefined): T {
  if (found !== undefined) return found;
  throw new FnmeshError("DEPLOY_FAILED", "the application or its function has gone meanwhile", {
    hint: "Deploy again; is somebody else removing it?",
  });
}
