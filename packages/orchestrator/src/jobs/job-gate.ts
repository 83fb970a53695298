// A job's side of the door: which connections its workers may make now, and what becomes of each.

import type { TLSSocket } from "node:tls";
import type { Clock, Endpoint, Log } from "@fnmesh/core/internal";
import { connectionKey } from "@fnmesh/core/protocol";
import type { RelayRoom } from "../relay/relay-room.ts";
import { ControlConnection, type ControlEnding } from "../rendezvous/control-connection.ts";
import type { ConnectionClaim } from "../rendezvous/door.ts";
import { type RefusalReason, type Refusals, refusalReasons, worthLogging } from "../rendezvous/refusals.ts";
import type { Crew } from "./crew.ts";
import type { WorkerDesk } from "./worker-desk.ts";

export interface JobGateOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly secret: Uint8Array;
  readonly size: number;
  readonly relayAllowed: boolean;
  readonly refusals: Refusals;
  readonly crew: Crew;
  readonly relay: RelayRoom;
  /** The attempt of a rank that may connect now; undefined when none may. */
  readonly currentAttempt: (rank: number) => number | undefined;
  /** Whether that attempt of a rank is awaited. */
  readonly mayJoin: (rank: number, attempt: number) => boolean;
  /** The worker is in: it gets its welcome, and its messages go to the desk. */
  readonly onJoin: (claim: ConnectionClaim, connection: ControlConnection) => WorkerDesk;
  readonly onBroken: (claim: ConnectionClaim, ending: ControlEnding) => void;
  readonly onRelayEnd: (claim: ConnectionClaim) => void;
}

export class JobGate {
  readonly #options: JobGateOptions;
  readonly #open = new Set<TLSSocket>();
  #shut = false;

  constructor(options: JobGateOptions) {
    this.#options = options;
  }

  keyOf(claim: ConnectionClaim): { readonly key: Uint8Array } | { readonly refused: RefusalReason } {
    const { size, secret, currentAttempt, relayAllowed, crew } = this.#options;
    if (this.#shut) return { refused: "unknown-job" };
    if (claim.rank >= size) return { refused: "rank-out-of-range" };
    if (currentAttempt(claim.rank) !== claim.attempt) return { refused: "stale-attempt" };
    if (claim.purpose === "relay" && !(relayAllowed && crew.has(claim.rank))) {
      return { refused: "relay-not-allowed" };
    }
    return { key: connectionKey(secret, claim.purpose, claim) };
  }

  enter(claim: ConnectionClaim, socket: TLSSocket, observed: Endpoint): void {
    // Errors show where the socket is read; this is for the time before and after.
    socket.on("error", () => {});
    if (this.#shut) return void socket.destroy();
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    if (claim.purpose === "control") this.#enterControl(claim, socket, observed);
    else void this.#enterRelay(claim, socket);
  }

  /** Nobody comes in any more, and who is in goes out. May be called twice. */
  close(): void {
    this.#shut = true;
    this.#options.crew.disband();
    this.#options.relay.close();
  }

  /** At once. May be called twice. */
  destroy(): void {
    this.#shut = true;
    for (const socket of this.#open) socket.destroy();
  }

  #enterControl(claim: ConnectionClaim, socket: TLSSocket, observed: Endpoint): void {
    const { clock, crew, mayJoin, onJoin, onBroken } = this.#options;
    let desk: WorkerDesk | undefined;
    const connection: ControlConnection = new ControlConnection({
      socket,
      identity: claim,
      observed,
      clock,
      events: {
        onHello: () => {
          if (crew.has(claim.rank)) return "duplicate";
          if (this.#shut || !mayJoin(claim.rank, claim.attempt)) return "stale-attempt";
          desk = onJoin(claim, connection);
          return undefined;
        },
        onMessage: (message) => desk?.onMessage(message),
        onBlob: (blob) => desk?.onBlob(blob),
        onNote: (note) => desk?.onNote(note),
        onEnd: (ending) => {
          if (ending.refused !== undefined) this.#count(ending.refused, claim, ending.detail);
          if (ending.joined) onBroken(claim, ending);
        },
      },
    });
  }

  async #enterRelay(claim: ConnectionClaim, socket: TLSSocket): Promise<void> {
    const ending = await this.#options.relay.enter(claim.rank, socket);
    if (ending === "duplicate") return this.#count("duplicate", claim, "a second relay connection");
    if (ending.refused !== undefined) this.#count(ending.refused, claim, ending.detail);
    if (!this.#shut) this.#options.onRelayEnd(claim);
  }

  #count(reason: RefusalReason, { job, rank, attempt, purpose }: ConnectionClaim, detail: string): void {
    const count = this.#options.refusals.count(reason);
    if (!worthLogging(count)) return;
    this.#options.log.warn(`ended a connection: ${refusalReasons[reason]}`, {
      reason,
      count,
      job,
      rank,
      attempt,
      purpose,
      detail,
    });
  }
}
