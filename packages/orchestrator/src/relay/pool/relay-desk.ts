// The orchestrator's end of the relays' registrations: who may register, what each asks and tells, and when one has
// gone. What a relay is used for is the pool's business.

import type { TLSSocket } from "node:tls";
import type { Clock, Endpoint, Log } from "@fnmesh/core/internal";
import { type Identity, relayServerKey } from "@fnmesh/core/protocol";
import type { RelayDoor } from "../../rendezvous/door.ts";
import type { RefusalReason, Refusals } from "../../rendezvous/refusals.ts";
import type { RelayPool } from "./relay-pool.ts";
import { RelayRegistration } from "./relay-registration.ts";

export interface RelayDeskOptions {
  /** What relays prove that they know; undefined: there are none. */
  readonly token: string | undefined;
  readonly pool: RelayPool;
  readonly jobs: RelayedJobs;
  readonly refusals: Refusals;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the jobs know that relays need. */
export interface RelayedJobs {
  /** The key of a worker's relay connection, and how many workers its job has; or why it may not come. */
  relayKey(
    worker: Identity,
  ): { readonly key: Uint8Array; readonly size: number } | { readonly refused: RefusalReason };
  isRunning(job: string): boolean;
  undeliverable(job: string, from: number, to: number): void;
  /** It fell silent: its pairs may not have seen it. */
  relayGone(relay: string, reason: string): void;
}

export class RelayDesk implements RelayDoor {
  readonly #options: RelayDeskOptions;
  readonly #registrations = new Map<string, RelayRegistration>();
  #relayedBytes = 0;
  #closed = false;

  constructor(options: RelayDeskOptions) {
    this.#options = options;
  }

  /** What all relays have passed on, as far as they told. */
  get relayedBytes(): number {
    return this.#relayedBytes;
  }

  keyOf(id: string): { readonly key: Uint8Array } | { readonly refused: RefusalReason } {
    const { token } = this.#options;
    return token === undefined ? { refused: "no-relays" } : { key: relayServerKey(token, id) };
  }

  enter(id: string, socket: TLSSocket, observed: Endpoint): void {
    const { pool, jobs, refusals, clock, log } = this.#options;
    if (this.#closed) return void socket.destroy();
    // A relay that comes back may be here before its old connection is seen to be gone.
    this.#registrations.get(id)?.close();
    const registration: RelayRegistration = new RelayRegistration({
      id,
      socket,
      clock,
      jobs,
      events: {
        onRegistered: (address) => {
          pool.add(address);
          const { size: relays } = pool;
          log.info("a relay is there", { relay: id, host: address.host, port: address.port, relays });
        },
        onRelayed: (bytes) => {
          this.#relayedBytes += bytes;
          pool.busy(id, bytes);
        },
        onEnd: ({ detail, refused, silent }) => {
          if (refused !== undefined) refusals.count(refused);
          if (this.#registrations.get(id) !== registration) return;
          this.#registrations.delete(id);
          pool.remove(id);
          if (silent) jobs.relayGone(id, detail);
          if (!this.#closed) log.warn("a relay has gone", { relay: id, from: observed.host, detail });
        },
      },
    });
    this.#registrations.set(id, registration);
  }

  /** All go, and none comes any more. May be called twice. */
  close(): void {
    this.#closed = true;
    for (const registration of this.#registrations.values()) registration.close();
  }

  /** The job is over. */
  forget(job: string): void {
    for (const registration of this.#registrations.values()) registration.forget(job);
  }
}
