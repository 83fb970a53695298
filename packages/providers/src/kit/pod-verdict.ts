// What became of a worker whose pod answers no more: the cluster knows why a container ended, a moment later.

import type { Clock, WorkerExit } from "@fnmesh/core/internal";
import type { Kubectl, KubeObject } from "./kubectl.ts";
import { pause } from "./pause.ts";

interface Ended {
  readonly reason?: string;
  readonly exitCode?: number;
  readonly finishedAt?: string;
}

/** Of what the API tells of a pod. */
export interface Pod extends KubeObject {
  readonly status?: {
    readonly containerStatuses?: readonly {
      readonly state?: { readonly terminated?: Ended };
      /** Of the container before it was started again. */
      readonly lastState?: { readonly terminated?: Ended };
    }[];
  };
}

export interface PodsOptions {
  readonly kubectl: Pick<Kubectl, "list">;
  readonly selector: string;
  readonly memoryMb: number;
  readonly clock: Clock;
}

/** A node tells the API of a container's end within a second; the orchestrator waits no longer for a heavier word. */
const pausesMs = [0, 200, 300, 400];
const mostMs = 10_000;
/** Times in the API are whole seconds, of another machine's clock. */
const slackMs = 2_000;

/**
 * What ended since then (milliseconds since 1970) in the pods that the selector finds; `otherwise`, where nothing did or
 * the cluster does not say.
 */
export async function podVerdict(
  { kubectl, selector, memoryMb, clock }: PodsOptions,
  sinceMs: number,
  otherwise: WorkerExit,
): Promise<WorkerExit> {
  const signal = AbortSignal.timeout(mostMs);
  try {
    for (const pauseMs of pausesMs) {
      await pause(clock, pauseMs, signal);
      const exit = exitOfPods(await kubectl.list<Pod>("pods", selector, signal), sinceMs, memoryMb);
      if (exit !== undefined) return exit;
    }
  } catch {
    // Whoever may invoke need not have the right to look at pods: then it is known only that the worker is gone.
  }
  return otherwise;
}

/** The heaviest reason among the containers that ended since then. */
export function exitOfPods(pods: readonly Pod[], sinceMs: number, memoryMb: number): WorkerExit | undefined {
  const ends = pods
    .flatMap(({ status }) => status?.containerStatuses ?? [])
    .flatMap(({ state, lastState }) => [state?.terminated, lastState?.terminated])
    .filter((end): end is Ended => end !== undefined)
    .filter(({ finishedAt }) => Date.parse(finishedAt ?? "") >= sinceMs - slackMs);
  if (ends.some(({ reason }) => reason === "OOMKilled")) return { kind: "out-of-memory", limitMb: memoryMb };
  const [end] = ends;
  if (end === undefined) return undefined;
  return {
    kind: "crashed",
    detail: `its container ended with ${end.exitCode ?? "?"} (${end.reason ?? "no reason"})`,
  };
}
