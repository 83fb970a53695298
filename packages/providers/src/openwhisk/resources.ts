// What fnmesh keeps on OpenWhisk: one action. It has no key in it, and no parameters.

import { createHash } from "node:crypto";
import type { Facts, Resource } from "../kit/deployment.ts";
import type { Action, ActionChange, OpenWhisk } from "./api.ts";
import type { OpenWhiskSettings } from "./settings.ts";

/** Annotations: whose it is, and which code is in it, for the API tells no hash. */
const ownAnnotation = "fnmesh";
const codeAnnotation = "fnmesh-code";

/** `code`: the bundle of entry.ts. */
export function actionResource(settings: OpenWhiskSettings, code: string, api: OpenWhisk): Resource {
  const change = changeOf(settings, code);
  return {
    kind: "action",
    name: settings.name,
    wanted: {
      runtime: settings.runtime,
      memory: `${settings.memoryMb} MB`,
      timeout: `${settings.timeoutMs} ms`,
      concurrency: 1,
      code: String(change.annotations[codeAnnotation]),
    },
    async read(signal) {
      const found = await api.action(signal);
      if (found === undefined) return undefined;
      return { facts: factsOf(found), ours: annotationOf(found, ownAnnotation) !== undefined };
    },
    create: (signal) => api.create(change, signal),
    update: (_, signal) => api.update(change, signal),
    remove: (signal) => api.remove(signal),
  };
}

function changeOf({ stage, runtime, memoryMb, timeoutMs }: OpenWhiskSettings, code: string): ActionChange {
  const hash = `sha256 ${createHash("sha256").update(code).digest("hex").slice(0, 16)}`;
  return {
    kind: runtime,
    code,
    // Without a key in its environment, whatever the installation's preset is.
    annotations: { [ownAnnotation]: stage, [codeAnnotation]: hash, "provide-api-key": false },
    // A worker has its container to itself: some installations would send it two hundred.
    limits: { memory: memoryMb, timeout: timeoutMs, concurrency: 1 },
  };
}

/** As any record of OpenWhisk's has them. */
export const annotationOf = ({ annotations = [] }: Pick<Action, "annotations">, name: string): unknown =>
  annotations.find(({ key }) => key === name)?.value;

const factsOf = (action: Action): Facts => ({
  // The API puts the runtime's kind there, beside what one has given.
  runtime: String(annotationOf(action, "exec") ?? ""),
  memory: `${action.limits?.memory ?? "?"} MB`,
  timeout: `${action.limits?.timeout ?? "?"} ms`,
  // Older installations know no other, and tell none.
  concurrency: action.limits?.concurrency ?? 1,
  code: String(annotationOf(action, codeAnnotation) ?? ""),
});
