// The provider of every platform whose functions are invoked by an HTTP request that lasts as long as they do: what
// differs is the request, what a status means there, and the figures.

import { FnmeshError } from "@fnmesh/core";
import type { Clock, LaunchedWorker, LaunchRequest, Provider, WorkerExit } from "@fnmesh/core/internal";
import { exitOf, readAnswer } from "./answer.ts";
import { type HttpAnswer, type HttpCall, httpCall } from "./http-call.ts";
import { answeredWorker } from "./launched.ts";
import { createThrottle, type LaunchRate } from "./throttle.ts";

export interface HttpProviderOptions
  extends Pick<Provider, "name" | "limits" | "network" | "acceptance" | "deployedMb"> {
  /** As `prices` of the platform says. */
  readonly pricedAs?: string | undefined;
  readonly rate: LaunchRate;
  readonly clock: Clock;
  readonly random: () => number;
  /** The request that invokes. May fetch a token for it. */
  readonly request: (launch: LaunchRequest) => Promise<Omit<HttpCall, "signal">>;
  /**
   * What an answer without fnmesh's own words means. Throws an FnmeshError, THROTTLED where it pays to try again; or
   * returns what became of the function. Default: `usualVerdict`.
   */
  readonly verdict?: (answer: HttpAnswer, launch: LaunchRequest) => WorkerExit | Promise<WorkerExit>;
  /** What it means that the connection broke; throws as above. Default: that the platform does not answer. */
  readonly broken?: (error: unknown, launch: LaunchRequest) => Promise<WorkerExit>;
}

const shownCharacters = 500;

/** What the statuses mean on most platforms. Throws THROTTLED, NOT_DEPLOYED or PLATFORM_AUTH. */
export function usualVerdict({ status, text }: HttpAnswer, { invocation }: LaunchRequest): WorkerExit {
  const said = text.trim().slice(0, shownCharacters);
  const detail = said === "" ? `the platform answered ${status}` : `the platform answered ${status}: ${said}`;
  if (status === 429 || status === 503) throw new FnmeshError("THROTTLED", detail, { hint: throttledHint });
  if (status === 404)
    throw new FnmeshError("NOT_DEPLOYED", detail, { hint: "Deploy it first: fnmesh deploy." });
  if (status === 401 || status === 403) {
    throw new FnmeshError("PLATFORM_AUTH", detail, { hint: "Look at the credentials: fnmesh doctor." });
  }
  if (status === 408 || status === 504) return { kind: "timed-out", afterMs: invocation.timeoutMs };
  return { kind: "crashed", detail };
}

const throttledHint =
  "The platform takes no more at this rate: fewer workers, or a higher limit of the account.";

export function httpProvider(options: HttpProviderOptions): Provider {
  const {
    name,
    limits,
    network,
    acceptance,
    pricedAs,
    deployedMb,
    request,
    verdict = usualVerdict,
    broken,
  } = options;
  const throttle = createThrottle(options);
  const running = new Set<LaunchedWorker>();

  const invoke = async (launch: LaunchRequest, signal: AbortSignal): Promise<WorkerExit | undefined> => {
    const call = { ...(await request(launch)), signal };
    const answer = await httpCall(call).catch(async (error: unknown) => {
      if (broken === undefined || signal.aborted) throw error;
      return { exit: await broken(error, launch) };
    });
    if ("exit" in answer) return answer.exit;
    const said = readAnswer(answer.text);
    return said === undefined ? verdict(answer, launch) : exitOf(said);
  };
  const launch = async (asked: LaunchRequest): Promise<LaunchedWorker> => {
    const over = new AbortController();
    // Until it is on its way the launch may be called off; from then on its worker is.
    const waiting = AbortSignal.any([asked.signal, over.signal]);
    const exit = throttle.run(() => invoke(asked, over.signal), waiting);
    const { rank, attempt } = asked.invocation;
    const worker = answeredWorker({
      id: `${name} ${rank}.${attempt}`,
      exit,
      giveUp: () => over.abort(new FnmeshError("CANCELLED", "the worker was stopped")),
    });
    running.add(worker);
    void worker.exit.then(() => running.delete(worker));
    return worker;
  };
  return {
    name,
    limits,
    ...(network === undefined ? {} : { network }),
    ...(acceptance === undefined ? {} : { acceptance }),
    ...(pricedAs === undefined ? {} : { pricedAs }),
    ...(deployedMb === undefined ? {} : { deployedMb }),
    launch,
    async close() {
      await Promise.all([...running].map((worker) => worker.stop()));
    },
  };
}
