// The provider of every platform that only takes an invocation, and has to be asked later what became of it: what
// differs is how it is asked, and the figures.

import { FnmeshError } from "@fnmesh/core";
import type {
  Acceptance,
  Clock,
  LaunchedWorker,
  LaunchRequest,
  Provider,
  WorkerExit,
} from "@fnmesh/core/internal";
import { acceptedWorker } from "./launched.ts";
import { createThrottle, type LaunchRate } from "./throttle.ts";

export interface AcceptingProviderOptions
  extends Pick<Provider, "name" | "limits" | "network" | "deployedMb"> {
  /** As `prices` of the platform says. */
  readonly pricedAs?: string | undefined;
  readonly acceptance: Acceptance;
  readonly rate: LaunchRate;
  readonly clock: Clock;
  readonly random: () => number;
  /** Resolves with the platform's name of the invocation when it is taken. Rejects with THROTTLED to be tried again. */
  readonly accept: (launch: LaunchRequest, signal: AbortSignal) => Promise<string>;
  /** What became of it; may take until the signal is aborted. */
  readonly verdict: (id: string, signal: AbortSignal, launch: LaunchRequest) => Promise<WorkerExit>;
}

/** Of a worker of which the platform knows nothing. */
export const lostUnseen: WorkerExit = { kind: "crashed", detail: "its connection broke" };

export function acceptingProvider(options: AcceptingProviderOptions): Provider {
  const { name, limits, network, acceptance, pricedAs, deployedMb, accept, verdict } = options;
  const throttle = createThrottle(options);
  const running = new Set<LaunchedWorker>();
  const over = new AbortController();

  return {
    name,
    limits,
    acceptance,
    ...(network === undefined ? {} : { network }),
    ...(pricedAs === undefined ? {} : { pricedAs }),
    ...(deployedMb === undefined ? {} : { deployedMb }),
    async launch(asked) {
      const signal = AbortSignal.any([asked.signal, over.signal]);
      const id = await throttle.run(() => accept(asked, signal), signal);
      const worker = acceptedWorker({ id, verdict: (whileAsked) => verdict(id, whileAsked, asked) });
      running.add(worker);
      void worker.exit.then(() => running.delete(worker));
      return worker;
    },
    async close() {
      over.abort(new FnmeshError("CANCELLED", "the provider was closed"));
      await Promise.all([...running].map((worker) => worker.stop()));
    },
  };
}
