// The port that workers dial: takes connections, finds out who each is within a deadline, and hands it to the door.
// Whatever a stranger does costs one place for at most the deadline, and is counted by reason.

import type { TLSSocket } from "node:tls";
import { FnmeshError } from "@fnmesh/core";
import { type Endpoint, type Env, type Listener, pskServer, type Socket } from "@fnmesh/core/internal";
import { parseConnectionIdentity, parseRelayServerIdentity } from "@fnmesh/core/protocol";
import { Admission, type AdmissionLimits, admissionLimits } from "./admission.ts";
import { bind } from "./bind.ts";
import type { ConnectionClaim, Door, RelayDoor } from "./door.ts";
import { entrance } from "./entrance.ts";
import type { TrustedProxies } from "./proxy/trusted-proxies.ts";
import { type RefusalReason, type Refusals, tellRefusal } from "./refusals.ts";

/** A handshake is two round trips; the rest is for machines on which many workers share a core. */
const handshakeTimeoutMs = 15_000;

export interface RendezvousOptions {
  readonly env: Env;
  readonly host: string;
  readonly port: number;
  readonly door: Door;
  /** For relay processes; without it none may come. */
  readonly relays?: RelayDoor;
  /** Done before a connection's handshake, within its deadline: finds out what the door will be asked. */
  readonly prepare?: (socket: Socket, signal: AbortSignal) => Promise<void>;
  readonly refusals: Refusals;
  /** Connections come through balancers at these addresses, which say whom they connect; no others may come. */
  readonly proxies?: TrustedProxies | undefined;
  readonly limits?: Partial<AdmissionLimits>;
}

/** What a connection says it is, and what became of that. */
interface Asked {
  claim?: ConnectionClaim;
  relay?: string;
  refused?: RefusalReason;
}

export interface Rendezvous {
  readonly port: number;
  /** Connections that have not yet proved who they are. */
  readonly pending: number;
  close(): Promise<void>;
}

/** Rejects with PORT_IN_USE or INVALID_ARGUMENT. */
export async function listenForWorkers(options: RendezvousOptions): Promise<Rendezvous> {
  const reception = new Reception(options);
  const { env, host, port, proxies } = options;
  const way = entrance({
    ...{ env, proxies },
    enter: (socket, observed) => reception.receive(socket, observed),
    refuse: (reason, from) => reception.refuse(reason, from),
  });
  const listener = await bind(env.net, host, port, way.receive);
  return {
    port: listener.port,
    get pending() {
      return reception.pending;
    },
    close: () => {
      way.close();
      return reception.close(listener);
    },
  };
}

class Reception {
  readonly #options: RendezvousOptions;
  readonly #admission: Admission;
  readonly #sockets = new Map<number, Socket>();
  readonly #evicted = new Set<number>();
  #nextId = 0;
  #closed = false;

  constructor(options: RendezvousOptions) {
    this.#options = options;
    this.#admission = new Admission({ ...admissionLimits, ...options.limits });
  }

  get pending(): number {
    return this.#admission.pending;
  }

  receive(socket: Socket, observed: Endpoint): void {
    if (this.#closed) return void socket.destroy();
    const { door, env } = this.#options;
    const id = this.#nextId++;
    const verdict = this.#admission.arrive(id, observed.host, door.expectedWorkers(), env.clock.now());
    if (!verdict.admit) {
      socket.destroy();
      this.refuse(verdict.reason, observed);
      return;
    }
    this.#sockets.set(id, socket);
    socket.once("close", () => {
      this.#sockets.delete(id);
      this.#admission.left(id);
    });
    if (verdict.evict !== undefined) this.#evict(verdict.evict);
    void this.#authenticate(id, socket, observed);
  }

  #evict(id: number): void {
    // Its handshake fails by this, and counts the reason that it finds in the set.
    this.#evicted.add(id);
    this.#sockets.get(id)?.destroy();
  }

  async #authenticate(id: number, socket: Socket, observed: Endpoint): Promise<void> {
    const { env, prepare } = this.#options;
    const deadline = new AbortController();
    const timer = env.clock.setTimer(handshakeTimeoutMs, () => deadline.abort(handshakeTooLong()));
    const asked: Asked = {};
    const keyOf = (text: string): Uint8Array | undefined => this.#keyOf(text, asked);
    try {
      await prepare?.(socket, deadline.signal);
      const { socket: secured } = await pskServer(socket, { keyOf, signal: deadline.signal });
      this.#admission.proved(id);
      this.#enter(asked, secured, observed);
    } catch {
      // What failed shows in how far it came, not in the error.
      this.#admission.failed(id, env.clock.now());
      socket.destroy();
      const late = deadline.signal.aborted;
      if (!this.#closed) this.refuse(this.#reasonOf(id, late, asked), observed, asked.claim);
    } finally {
      timer.cancel();
      this.#evicted.delete(id);
    }
  }

  #keyOf(identity: string, asked: Asked): Uint8Array | undefined {
    const { door, relays } = this.#options;
    const claim = parseConnectionIdentity(identity);
    const relay = parseRelayServerIdentity(identity);
    if (claim !== undefined) asked.claim = claim;
    if (relay !== undefined) asked.relay = relay;
    const answer =
      (claim === undefined ? undefined : door.keyOf(claim)) ??
      (relay === undefined ? undefined : relays?.keyOf(relay)) ??
      ({ refused: "unknown-identity" } as const);
    if ("key" in answer) return answer.key;
    asked.refused = answer.refused;
    return undefined;
  }

  #enter({ claim, relay }: Asked, socket: TLSSocket, observed: Endpoint): void {
    if (this.#closed) return void socket.destroy();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    if (claim !== undefined) this.#options.door.enter(claim, socket, observed);
    else this.#options.relays?.enter(relay!, socket, observed);
  }

  #reasonOf(id: number, late: boolean, asked: Asked): RefusalReason {
    if (this.#evicted.has(id)) return "evicted";
    if (asked.refused !== undefined) return asked.refused;
    if (late) return "handshake-timeout";
    return asked.claim === undefined && asked.relay === undefined ? "handshake" : "auth";
  }

  refuse(reason: RefusalReason, from: Endpoint, claim?: ConnectionClaim): void {
    const { refusals, env } = this.#options;
    const who = claim === undefined ? {} : { job: claim.job, rank: claim.rank, attempt: claim.attempt };
    tellRefusal({ refusals, log: env.log }, reason, from, who);
  }

  async close(listener: Listener): Promise<void> {
    this.#closed = true;
    const closed = listener.close();
    for (const socket of this.#sockets.values()) socket.destroy();
    await closed;
  }
}

const handshakeTooLong = () => new FnmeshError("DEADLINE", "the handshake took too long");
