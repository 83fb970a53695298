// What a store's driver is to a worker. Drivers are not part of core, nor of a function's bundle: they come with the
// job's code when its channel needs one (see packages/stores).

import type { Env } from "../env/env.ts";
import type { FnmeshError } from "../errors/errors.ts";
import type { Hub } from "../hub/hub.ts";
import type { StoreRung } from "../protocol/rungs.ts";

/** Short messages to a peer over the control connections, in order, exactly once: how an object's reader is woken. */
export interface Notices {
  /** At most `mostNoteBytes`. Never data of the job: that goes through the store. */
  send(peer: number, note: Uint8Array): void;
  /** One listener; notes that come before it is set wait for it. */
  onNote(listener: (from: number, note: Uint8Array) => void): void;
}

/** What is paid for. `command`: a request to Redis or Memcached, which bill by time and size instead. */
export interface StoreUsage {
  puts: number;
  gets: number;
  lists: number;
  deletes: number;
  commands: number;
  /** Requests that were answered with "slow down" or failed in passing, and were sent again; each counted above too. */
  retries: number;
  writtenBytes: number;
  readBytes: number;
}

export interface StoreConnectOptions {
  readonly rung: StoreRung;
  /** As `StoreSettings` of packages/stores has it for this store: may hold credentials, must reach no log. */
  readonly settings: unknown;
  readonly job: string;
  readonly self: { readonly rank: number; readonly attempt: number };
  readonly size: number;
  /** How much longer the job may run: what the driver writes lives a little longer than that, whoever crashes. */
  readonly remainingMs: () => number;
  readonly notices: Notices;
  /** Counted up by the driver as it goes. */
  readonly usage: StoreUsage;
  readonly env: Pick<Env, "clock" | "random" | "log">;
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
}

export interface StoreDriver {
  /**
   * Resolves when the store has answered. Rejects with STORE_UNAVAILABLE, STORE_AUTH or INVALID_ARGUMENT; messages
   * name the store's address, never what proves who asks.
   */
  connect(options: StoreConnectOptions): Promise<Hub>;
}

export type StoreDrivers = Readonly<Partial<Record<StoreRung, StoreDriver>>>;

export const noUsage = (): StoreUsage => ({
  puts: 0,
  gets: 0,
  lists: 0,
  deletes: 0,
  commands: 0,
  retries: 0,
  writtenBytes: 0,
  readBytes: 0,
});

/** The error that a driver, and nobody else, makes. */
export type StoreFailure = FnmeshError & {
  readonly code: "STORE_UNAVAILABLE" | "STORE_AUTH" | "STORE_FULL" | "STORE_LOST";
};

/** The orchestrator's side of a store: what was written for a job goes when the job does. */
export interface StoreKeeper {
  /** The rungs whose keys and objects it keeps clean. */
  readonly rungs: readonly StoreRung[];
  /** Says that a job may write until then (milliseconds since 1970), wherever its orchestrator ends up. */
  lease(job: string, until: number): Promise<void>;
  /** Removes all that a job has left, its lease too. Counts what that took. May be called twice. */
  sweep(job: string, usage: StoreUsage): Promise<void>;
  /** The jobs that have left something and whose lease ended before `now`. */
  expired(now: number): Promise<readonly string[]>;
  close(): Promise<void>;
}
