// Does what the punch state machine decides for one pair: dials, handshakes, probes, timers. It holds sockets and no
// opinions; when the pair is settled it holds nothing any more.

import type { Endpoint, Env, Socket, Timer } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Link } from "../link/link.ts";
import type { Candidate } from "../nat/candidate.ts";
import { roundsWorthTrying, routesTo, type Whereabouts } from "../nat/routes.ts";
import type { ConnectionInfo } from "../peers/peers.ts";
import { type PairIdentity, type PairKeys, pairKeys } from "../protocol/keys.ts";
import { PathAttempt } from "./path-attempt.ts";
import type { PunchEffect, PunchEvent, PunchState } from "./punch-events.ts";
import { burstMs, patience, roundLimitMs } from "./punch-limits.ts";
import { initialPunchState, stepPunch } from "./punch-state.ts";
import type { SideDoor } from "./side-door.ts";

export interface Introduction extends Whereabouts {
  readonly attempt: number;
  readonly delayMs: number;
  readonly round: number;
}

/** What all pairs of a worker have in common. */
export interface PairContext {
  readonly env: Env;
  readonly job: string;
  readonly secret: Uint8Array;
  readonly self: { readonly rank: number; readonly attempt: number };
  readonly encrypt: boolean;
  /** Whether pairs may use the relay. */
  readonly relayAllowed: boolean;
  /** This worker's own candidates and mapping, as it told them. */
  readonly whereabouts: () => Whereabouts;
  /** The port that the orchestrator and, through the NAT, the peer see this worker at. */
  readonly rendezvousPort: number;
  readonly askRetry: (peer: number, round: number, reason: string, offered: readonly Candidate[]) => void;
  readonly askRelay: (peer: number, reason: string) => void;
  /** Makes a listener for one peer; undefined when that cannot be. */
  readonly openDoor: (knockAt: Endpoint, signal: AbortSignal) => Promise<SideDoor | undefined>;
}

/** What the connector tells whoever keeps the pair. */
export interface PairEvents {
  /** The link stands: attach to it before returning. */
  onConnected(link: Link, info: Omit<ConnectionInfo, "rank" | "path">): void;
  onRelayed(reason: string): void;
  onFailed(error: FnmeshError): void;
}

export interface PairConnectorOptions {
  readonly context: PairContext;
  readonly peer: number;
  /** How many pairs this worker is connecting right now: all of them share one processor. */
  readonly load: () => number;
  readonly events: PairEvents;
}

export class PairConnector {
  readonly #context: PairContext;
  readonly #peer: number;
  readonly #load: () => number;
  readonly #events: PairEvents;
  readonly #role: "lower" | "higher";
  readonly #attempts = new Map<number, PathAttempt>();
  readonly #accepted: Socket[] = [];
  #state: PunchState = initialPunchState;
  /** Known from the introduction on: the peer's attempt is part of them. */
  #keys: PairKeys | undefined;
  #timers: Timer[] = [];
  #peerEndpoint: Endpoint | undefined;
  #door: SideDoor | undefined;
  #openingDoor: AbortController | undefined;
  readonly #askedAt: number;
  #introducedAt = 0;

  constructor({ context, peer, load, events }: PairConnectorOptions) {
    this.#context = context;
    this.#peer = peer;
    this.#load = load;
    this.#events = events;
    this.#role = context.self.rank < peer ? "lower" : "higher";
    this.#askedAt = context.env.clock.now();
  }

  get settled(): boolean {
    return ["connected", "relayed", "failed"].includes(this.#state.name);
  }

  /** What a dialler of our listener shows for this pair; undefined before the introduction. */
  get token(): Buffer | undefined {
    return this.#keys?.token;
  }

  introduced(peer: Introduction): void {
    const { self, job, secret, whereabouts, env } = this.#context;
    const [low, high] = this.#role === "lower" ? [self, peer] : [peer, self];
    const pair: PairIdentity = {
      job,
      low: { rank: low.rank, attempt: low.attempt },
      high: { rank: high.rank, attempt: high.attempt },
    };
    this.#keys = pairKeys(secret, pair);
    if (this.#introducedAt === 0) this.#introducedAt = env.clock.now();
    this.#peerEndpoint = peer.candidates.find(({ tcpType }) => tcpType === "so");
    const own = whereabouts();
    this.#on({
      type: "introduced",
      round: peer.round,
      rounds: roundsWorthTrying(own.mapping, peer.mapping),
      routes: routesTo(own, peer, peer.round).map((route) => ({
        ...route,
        afterMs: route.afterMs * patience(this.#load()),
      })),
      delayMs: peer.delayMs,
    });
  }

  /** The peer dialled our listener, and showed the pair's token. */
  accepted(socket: Socket): void {
    this.#accepted.push(socket);
    this.#on({ type: "accepted" });
    // Not wanted (any more): the state machine did not take it.
    for (const left of this.#accepted.splice(0)) left.destroy();
  }

  relayOrdered(reason: string): void {
    this.#on({ type: "relay-ordered", reason });
  }

  /** The one absolute deadline of this pair has passed. */
  deadline(): void {
    this.#on({ type: "deadline" });
  }

  /** Gives up, without telling anybody. May be called twice. */
  close(): void {
    this.#settle();
    for (const id of [...this.#attempts.keys()]) this.#discard(id);
    this.#state = { name: "failed", reason: "closed", round: this.#state.round };
  }

  #on(event: PunchEvent): void {
    const [state, effects] = stepPunch(
      { role: this.#role, relay: this.#context.relayAllowed },
      this.#state,
      event,
    );
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: PunchEffect): void {
    const { env, askRetry, askRelay } = this.#context;
    switch (effect.type) {
      case "dial": {
        const jitterMs = effect.jitterMs > 0 ? env.random.int(0, effect.jitterMs + 1) : 0;
        this.#attempt(effect.id).dial(effect.route, effect.afterMs + jitterMs);
        return;
      }
      case "hold":
        this.#attempts.get(effect.id)?.hold();
        return;
      case "hurry":
        this.#attempts.get(effect.id)?.hurry();
        return;
      case "accept":
        this.#attempt(effect.id).take(this.#accepted.shift()!);
        return;
      case "secure":
        void this.#attempts.get(effect.id)?.secure();
        return;
      case "confirm":
        this.#attempts.get(effect.id)?.confirm();
        return;
      case "discard":
        this.#discard(effect.id);
        return;
      case "start-round":
        this.#startRound(effect.afterMs);
        return;
      case "open-door":
        void this.#openDoor();
        return;
      case "ask-retry":
        askRetry(this.#peer, effect.round, effect.reason, this.#doors());
        return;
      case "ask-relay":
        askRelay(this.#peer, effect.reason);
        return;
      case "connected":
        this.#connected(effect.id);
        return;
      case "relayed":
        this.#settle();
        this.#events.onRelayed(effect.reason);
        return;
      case "failed":
        this.#settle();
        this.#events.onFailed(noPath(this.#peer, effect.reason));
    }
  }

  #attempt(id: number): PathAttempt {
    const held = this.#attempts.get(id);
    if (held !== undefined) return held;
    const { env, encrypt, rendezvousPort } = this.#context;
    const attempt = new PathAttempt({
      id,
      env,
      role: this.#role,
      encrypt,
      key: this.#keys!.key,
      token: this.#keys!.token,
      rendezvousPort,
      load: this.#load,
      // What comes from an attempt that was dropped is nobody's business.
      emit: (event) => {
        if (this.#attempts.get(id) === attempt) this.#on(event);
      },
    });
    this.#attempts.set(id, attempt);
    return attempt;
  }

  #connected(id: number): void {
    const attempt = this.#attempts.get(id)!;
    const link = attempt.release();
    this.#attempts.delete(id);
    this.#settle();
    const { connected, secured } = attempt.at;
    const introduced = this.#introducedAt;
    link.expectBulk();
    this.#events.onConnected(link, {
      rounds: this.#state.round + 1,
      phases: {
        introduceMs: introduced - this.#askedAt,
        dialMs: Math.max(0, connected - introduced),
        handshakeMs: Math.max(0, secured - Math.max(connected, introduced)),
        probeMs: this.#context.env.clock.now() - secured,
      },
    });
  }

  async #openDoor(): Promise<void> {
    if (this.#peerEndpoint === undefined) return;
    this.#openingDoor = new AbortController();
    const { signal } = this.#openingDoor;
    const door = await this.#context.openDoor(this.#peerEndpoint, signal);
    if (signal.aborted || this.settled) {
      await door?.close();
      return;
    }
    this.#door = door;
    if (door !== undefined) this.#on({ type: "door-open" });
  }

  #doors(): readonly Candidate[] {
    return this.#door === undefined ? [] : [this.#door.candidate];
  }

  #startRound(afterMs: number): void {
    this.#cancelTimers();
    const { clock } = this.#context.env;
    const limitMs = afterMs + roundLimitMs(this.#load());
    this.#timers.push(
      clock.setTimer(afterMs + burstMs, () => this.#on({ type: "burst-over" })),
      clock.setTimer(limitMs, () => this.#on({ type: "round-over" })),
    );
  }

  #discard(id: number): void {
    const attempt = this.#attempts.get(id);
    this.#attempts.delete(id);
    attempt?.discard();
  }

  /** Nothing of the making is needed any more. */
  #settle(): void {
    this.#cancelTimers();
    this.#openingDoor?.abort();
    void this.#door?.close();
    this.#door = undefined;
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}

const noPath = (peer: number, reason: string) =>
  new FnmeshError("NO_PATH", `no connection to worker ${peer}: ${reason}`, {
    hint: 'Use the channel "auto", which falls back to the relay.',
  });
