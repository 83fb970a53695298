// A worker's hubs: each is made when the first pair is routed to it, and serves all pairs.

import { abortable } from "../env/abortable.ts";
import type { Env } from "../env/env.ts";
import { limitedSignal } from "../env/limited-signal.ts";
import { FnmeshError, protocolError } from "../errors/errors.ts";
import { relayHub } from "../link/relay-link.ts";
import type { MessageBody, OrchestratorMessage } from "../protocol/control.ts";
import { rungs, type StoreRung } from "../protocol/rungs.ts";
import type { Invocation } from "../provider/provider.ts";
import { dialOrchestrator } from "../rendezvous/dial-orchestrator.ts";
import { noUsage, type StoreDriver, type StoreDrivers, type StoreUsage } from "../store/store.ts";
import type { Hub } from "./hub.ts";
import type { NoticeBoard } from "./notice-board.ts";

export type Route = Pick<MessageBody<OrchestratorMessage, "route">, "rung" | "relay">;

/** Peers have said goodbye by then: nobody needs what is still on its way. */
const closeLimitMs = 2_000;
/** Less than a pair waits for its next path. */
const connectLimitMs = 15_000;

export interface HubsOptions {
  readonly env: Env;
  readonly invocation: Invocation;
  readonly secret: Uint8Array;
  readonly size: number;
  /** By rung, as the welcome has them. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** They come with the job's code. */
  readonly drivers: Promise<StoreDrivers>;
  readonly notices: NoticeBoard;
  readonly remainingMs: () => number;
  readonly signal: AbortSignal;
}

export interface Hubs {
  /** Rejects with what kept it from being made, now and at every later call. */
  get(route: Route): Promise<Hub>;
  /** What was asked of stores so far, by rung. */
  usages(): readonly ({ readonly rung: StoreRung } & StoreUsage)[];
  /** In order, what was written is delivered; but not for long. Resolves when nothing of them is open. */
  close(): Promise<void>;
  /** At once. */
  destroy(): void;
}

export function createHubs(options: HubsOptions): Hubs {
  const hubs = new Map<string, Promise<Hub>>();
  const made = new Set<Hub>();
  let closed = false;
  const usages = new Map<StoreRung, StoreUsage>();

  async function store(rung: StoreRung, signal: AbortSignal): Promise<Hub> {
    const { env, invocation, size, settings, notices, remainingMs } = options;
    const driver = driverOf(await options.drivers, rung);
    const usage = noUsage();
    usages.set(rung, usage);
    const { job, rank, attempt } = invocation;
    return driver.connect({
      rung,
      settings: settings[rung],
      job,
      self: { rank, attempt },
      size,
      remainingMs,
      notices: notices.channel(rungs.indexOf(rung)),
      usage,
      env,
      signal,
    });
  }

  async function relay(at: Route["relay"], signal: AbortSignal, onBroken: () => void): Promise<Hub> {
    const { env, invocation, secret } = options;
    const orchestrator = at === undefined ? invocation.orchestrator : { ...invocation.orchestrator, ...at };
    const { socket } = await dialOrchestrator(env, { ...invocation, orchestrator }, secret, "relay", signal);
    return relayHub(socket, onBroken);
  }

  const make = async (
    { rung, relay: at }: Route,
    signal: AbortSignal,
    onBroken: () => void,
  ): Promise<Hub> => {
    if (rung === "direct") throw protocolError("a route that is the direct path");
    return rung === "relay" ? relay(at, signal, onBroken) : store(rung, signal);
  };

  function destroy(): void {
    closed = true;
    for (const hub of made) hub.destroy();
  }

  async function enter(route: Route, onBroken: () => void): Promise<Hub> {
    const { env, signal } = options;
    const late = () => new FnmeshError("DEADLINE", `no connection within ${connectLimitMs / 1000} s`);
    const limit = limitedSignal(env.clock, connectLimitMs, late, signal);
    const hub = await make(route, limit.signal, onBroken).finally(limit.cancel);
    made.add(hub);
    if (closed) hub.destroy(); // Nobody waits for it any more.
    return hub;
  }

  return {
    get(route) {
      const key = `${route.rung} ${route.relay?.id ?? ""}`;
      const known = hubs.get(key);
      if (known !== undefined) return known;
      // A relay whose connection broke may be dialled again, for pairs that have not tried it.
      const hub = enter(route, () => hubs.delete(key));
      hubs.set(key, hub);
      return hub;
    },
    usages: () => [...usages].map(([rung, usage]) => ({ rung, ...usage })),
    async close() {
      const limit = limitedSignal(options.env.clock, closeLimitMs, () => undefined);
      const all = Promise.allSettled([...made].map((hub) => hub.close()));
      await abortable(all, limit.signal).catch(() => {}); // The time is over: what is left is destroyed.
      limit.cancel();
      destroy();
    },
    destroy,
  };
}

function driverOf(drivers: StoreDrivers, rung: StoreRung): StoreDriver {
  const driver = drivers[rung];
  if (driver !== undefined) return driver;
  throw new FnmeshError("STORE_UNAVAILABLE", `the job's code came without the driver for ${rung}`, {
    hint: "Submit the job with this version's `fnmesh run`: it adds the drivers that the channel needs.",
  });
}
