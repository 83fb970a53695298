// One job's relay with the connections of its workers: the same in the orchestrator and in a relay process.

import type { TLSSocket } from "node:tls";
import { Relay, type RelayOptions } from "./relay.ts";
import { type RelayEnding, serveRelay } from "./relay-connection.ts";

export class RelayRoom {
  readonly #relay: Relay;
  /** By rank, the connection that is open. */
  readonly #sockets = new Map<number, TLSSocket>();

  constructor(options: RelayOptions) {
    this.#relay = new Relay(options);
  }

  get relayedBytes(): number {
    return this.#relay.relayedBytes;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * Serves a worker's connection until it is over; "duplicate" while it has another one. A connection that has ended
   * may be followed by another: what was under way on it is lost, and the workers' links make up for that.
   */
  async enter(rank: number, socket: TLSSocket): Promise<RelayEnding | "duplicate"> {
    if (this.#sockets.has(rank)) {
      socket.destroy();
      return "duplicate";
    }
    this.#sockets.set(rank, socket);
    const ending = await serveRelay(this.#relay, rank, socket);
    this.#sockets.delete(rank);
    this.#relay.lost(rank);
    return ending;
  }

  /** The worker takes nothing any more: who sends to it is told. May be called twice. */
  gone(rank: number): void {
    this.#relay.close(rank);
  }

  /** Ends a worker's connection. */
  end(rank: number): void {
    this.#sockets.get(rank)?.destroy();
  }

  /** Ends all. May be called twice. */
  close(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }
}
