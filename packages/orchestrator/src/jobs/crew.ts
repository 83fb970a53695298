// The workers that have joined, and the way to talk to them.

import { encodeMessage, type Note, type OrchestratorMessage } from "@fnmesh/core/protocol";
import type { ControlConnection } from "../rendezvous/control-connection.ts";
import type { Orders } from "../rendezvous/orders.ts";

export class Crew {
  readonly #connections = new Map<number, ControlConnection>();

  get size(): number {
    return this.#connections.size;
  }

  has(rank: number): boolean {
    return this.#connections.has(rank);
  }

  join(rank: number, connection: ControlConnection): void {
    this.#connections.set(rank, connection);
  }

  /** Its connection is over. */
  leave(rank: number): void {
    this.#connections.delete(rank);
  }

  roundTripMs(rank: number): number | undefined {
    return this.#connections.get(rank)?.roundTripMs;
  }

  /** To a worker that has gone it says nothing. */
  send(rank: number, message: OrchestratorMessage): void {
    this.#connections.get(rank)?.send(message);
  }

  /** What a peer has for it. Held back while it has much to read; to a worker that has gone it says nothing. */
  note(rank: number, note: Note): Promise<void> | void {
    return this.#connections.get(rank)?.sendNote(note);
  }

  broadcast(message: OrchestratorMessage): void {
    const frame = encodeMessage(message);
    for (const connection of this.#connections.values()) connection.sendFrame(frame);
  }

  deliver(orders: Orders): void {
    for (const [rank, message] of orders.messages()) this.send(rank, message);
  }

  /** Ends all connections, each after what was sent on it has left. */
  disband(): void {
    for (const connection of this.#connections.values()) connection.end();
  }
}
