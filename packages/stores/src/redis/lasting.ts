// A connection that is made again when it breaks: at once at first, then with growing pauses, so that a restarted
// server is not met by all workers in the same moment. Too long without one, or a final refusal, is the end.

import type { FnmeshError } from "@fnmesh/core";
import type { Env, Timer } from "@fnmesh/core/internal";
import type { Connection } from "../wire/connection.ts";
import type { ValueTarget } from "../wire/line-reader.ts";
import { type EntranceEvents, type EntranceOptions, type EntryFailure, enter } from "./entrance.ts";
import { isPassing, refusalOf, unreachable } from "./redis-errors.ts";
import type { RedisAddress } from "./redis-url.ts";
import type { Reply, RespError } from "./resp.ts";

export interface LastingOptions extends Omit<EntranceOptions, "clock"> {
  readonly env: Pick<Env, "clock" | "random" | "log">;
  readonly patience: Patience;
}

/** How long the server may be away before this is the end. */
export interface Patience {
  /** Before the first connection: it may not be there at all, and another way may. */
  readonly firstMs: number;
  readonly laterMs: number;
}

export interface LastingEvents {
  /** A new connection, ready; all that went over the last one and was not answered has to go again. */
  onConnected(connection: Connection): void;
  onReply(reply: Reply): void;
  onBulk?(length: number, before: Buffer | undefined): ValueTarget | undefined;
  /** The connection broke; another one may follow. */
  onLost(): void;
  /** The end, called once. */
  onFailed(error: FnmeshError): void;
}

export interface Lasting {
  /** Something was answered: the connection is a good one. */
  progressed(): void;
  /** A reply that is an error: a new connection if that may help, else the end. */
  refused(error: RespError): void;
  /** The connection says nothing: away with it. */
  renew(why: string): void;
  /** May be called twice. No event comes after it. */
  close(): void;
}

const firstPauseMs = 20;
const mostPauseMs = 1_000;

export function lasting(options: LastingOptions, events: LastingEvents): Lasting {
  const { env, patience } = options;
  let address: RedisAddress = options.address;
  let connection: Connection | undefined;
  let state: "entering" | "connected" | "closed" = "entering";
  let pause: Timer | undefined;
  let tries = 0;
  let entered = false;
  let outageSince: number | undefined = env.clock.now();

  const close = () => {
    state = "closed";
    pause?.cancel();
    connection?.destroy();
  };
  const fail = (error: FnmeshError) => {
    close();
    events.onFailed(error);
  };
  const again = (cause: Error) => {
    const now = env.clock.now();
    outageSince ??= now;
    const left = outageSince + (entered ? patience.laterMs : patience.firstMs) - now;
    if (left <= 0) {
      fail(unreachable(address.shown, cause));
      return;
    }
    const most = Math.min(firstPauseMs * 2 ** tries, mostPauseMs);
    const pauseMs = tries === 0 ? 0 : env.random.int(Math.ceil(most / 2), most + 1);
    tries = Math.min(tries + 1, 10);
    env.log.debug("redis: connecting again", { server: address.shown, pauseMs, cause: cause.message });
    state = "entering";
    pause = env.clock.setTimer(Math.min(pauseMs, left), start);
  };
  const lost = (cause: Error) => {
    connection?.destroy();
    if (state === "connected") events.onLost();
    again(cause);
  };
  const refusedEntry = (failure: EntryFailure) => {
    if ("final" in failure) {
      fail(failure.final);
      return;
    }
    // The node that has the job's keys. A node that does not know its own name leaves the host out.
    const { moved } = failure;
    if (moved !== undefined) address = { ...address, host: moved.host || address.host, port: moved.port };
    else address = options.address;
    again(failure.passing);
  };
  const entrance: EntranceEvents = {
    onEntered: () => {
      state = "connected";
      entered = true;
      outageSince = undefined;
      events.onConnected(connection!);
    },
    onRefused: refusedEntry,
    onReply: (reply) => events.onReply(reply),
    onBulk: (length, before) => events.onBulk?.(length, before),
    onClose: lost,
  };
  const start = () => {
    const { before, ...always } = options;
    const first = entered || before === undefined ? {} : { before };
    connection = enter({ ...always, ...first, address, clock: env.clock }, entrance);
  };
  start();
  return {
    progressed: () => {
      tries = 0;
    },
    refused: (error) => {
      if (isPassing(error)) lost(new Error(error.text.slice(0, 200)));
      else fail(refusalOf(error, address.shown));
    },
    renew: (why) => {
      if (state === "connected") lost(new Error(why));
    },
    close,
  };
}
