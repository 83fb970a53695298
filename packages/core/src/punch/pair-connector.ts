// Does what the punch state machine decides for one pair: dials, handshakes, probes, timers. It holds sockets and no
// opinions; when the pair is settled it holds nothing any more.

import type { Endpoint, Env, Socket, Timer } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import { confirmLink } from "../link/confirm.ts";
import type { Link } from "../link/link.ts";
import { LinkReader, secureLink } from "../link/secure-link.ts";
import type { StreamLink } from "../link/stream-link.ts";
import type { Candidate } from "../nat/candidate.ts";
import { type Route, roundsWorthTrying, routesTo, type Whereabouts } from "../nat/routes.ts";
import type { ConnectionInfo } from "../peers/peers.ts";
import { type PairIdentity, pairKey, pairToken } from "../protocol/keys.ts";
import {
  initialPunchState,
  type PunchEffect,
  type PunchEvent,
  type PunchState,
  stepPunch,
} from "./punch-state.ts";
import type { SideDoor } from "./side-door.ts";

export interface Introduction extends Whereabouts {
  readonly attempt: number;
  readonly delayMs: number;
  readonly round: number;
}

export interface PairConnectorOptions {
  readonly env: Env;
  readonly job: string;
  readonly secret: Uint8Array;
  readonly self: { readonly rank: number; readonly attempt: number };
  readonly peer: number;
  readonly encrypt: boolean;
  /** Whether the pair may use the relay. */
  readonly relay: boolean;
  /** This worker's own candidates and mapping, as it told them. */
  readonly whereabouts: () => Whereabouts;
  /** The port that the orchestrator and, through the NAT, the peer see this worker at. */
  readonly rendezvousPort: number;
  /** How many pairs this worker is connecting right now: all of them share one processor. */
  readonly load: () => number;
  readonly askRetry: (round: number, reason: string, offered: readonly Candidate[]) => void;
  /** Makes a listener for one peer; undefined when that cannot be. */
  readonly openDoor: (knockAt: Endpoint, signal: AbortSignal) => Promise<SideDoor | undefined>;
  readonly askRelay: (reason: string) => void;
  /** The link stands: attach to it before returning. */
  readonly onConnected: (link: Link, info: Omit<ConnectionInfo, "rank" | "path">) => void;
  readonly onRelayed: (reason: string) => void;
  readonly onFailed: (error: FnmeshError) => void;
}

/** A lost SYN is repeated after 1 s (RFC 6298); a round sees that one too. */
const roundMs = 2_000;
/** Simultaneous open through NATs that answer with RST needs the two dials to cross: re-dial at once for this long. */
const burstMs = 300;
const handshakeMs = 4_000;
/** A black hole swallows the probe at once; 64 KiB over 1 Mbit/s take half a second. */
const probeMs = 3_000;
/** What each other pair that this worker is connecting adds to the limits above. */
const perPairMs = { round: 20, handshake: 100, probe: 100 };

interface Held {
  readonly abort: AbortController;
  timer?: Timer | undefined;
  /** While a dial waits for its time. */
  dialNow?: (() => void) | undefined;
  socket?: Socket | undefined;
  reader?: LinkReader | undefined;
  link?: StreamLink | undefined;
}

export class PairConnector {
  readonly #options: PairConnectorOptions;
  readonly #role: "lower" | "higher";
  readonly #held = new Map<number, Held>();
  readonly #accepted: Socket[] = [];
  #state: PunchState = initialPunchState;
  #pair: PairIdentity | undefined;
  #token: Buffer | undefined;
  #timers: Timer[] = [];
  #peerEndpoint: Endpoint | undefined;
  #door: SideDoor | undefined;
  readonly #closed = new AbortController();
  readonly #at = { asked: 0, introduced: 0, dialled: 0, secured: 0 };

  constructor(options: PairConnectorOptions) {
    this.#options = options;
    this.#role = options.self.rank < options.peer ? "lower" : "higher";
    this.#at.asked = options.env.clock.now();
  }

  get settled(): boolean {
    return ["connected", "relayed", "failed"].includes(this.#state.name);
  }

  /** What a dialler of our listener shows for this pair; undefined before the introduction. */
  get token(): Buffer | undefined {
    return this.#token;
  }

  introduced(peer: Introduction): void {
    const { self, job, whereabouts, env } = this.#options;
    const [low, high] = this.#role === "lower" ? [self, peer] : [peer, self];
    this.#pair = {
      job,
      low: { rank: low.rank, attempt: low.attempt },
      high: { rank: high.rank, attempt: high.attempt },
    };
    this.#token = pairToken(this.#options.secret, this.#pair);
    if (this.#at.introduced === 0) this.#at.introduced = env.clock.now();
    this.#peerEndpoint = peer.candidates.find(({ tcpType }) => tcpType === "so");
    const own = whereabouts();
    this.#on({
      type: "introduced",
      round: peer.round,
      rounds: roundsWorthTrying(own.mapping, peer.mapping),
      routes: routesTo(own, peer, peer.round),
      delayMs: peer.delayMs,
    });
  }

  /** The peer dialled our listener, and showed the pair's token. */
  accepted(socket: Socket): void {
    this.#at.dialled = this.#options.env.clock.now();
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
    for (const id of [...this.#held.keys()]) this.#discard(id);
    this.#state = { name: "failed", reason: "closed", round: this.#state.round };
  }

  #on(event: PunchEvent): void {
    const [state, effects] = stepPunch({ role: this.#role, relay: this.#options.relay }, this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: PunchEffect): void {
    const { env, askRetry, askRelay, onRelayed, onFailed, peer } = this.#options;
    switch (effect.type) {
      case "dial": {
        const jitterMs = effect.jitterMs > 0 ? env.random.int(0, effect.jitterMs + 1) : 0;
        this.#dial(effect.id, effect.route, effect.afterMs + jitterMs);
        return;
      }
      case "hurry":
        this.#held.get(effect.id)?.dialNow?.();
        return;
      case "accept":
        this.#held.set(effect.id, { abort: new AbortController(), socket: this.#accepted.shift()! });
        return;
      case "secure":
        void this.#secure(effect.id);
        return;
      case "confirm":
        this.#confirm(effect.id);
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
        askRetry(effect.round, effect.reason, this.#door === undefined ? [] : [this.#door.candidate]);
        return;
      case "ask-relay":
        askRelay(effect.reason);
        return;
      case "connected":
        this.#connected(effect.id);
        return;
      case "relayed":
        this.#settle();
        onRelayed(effect.reason);
        return;
      case "failed":
        this.#settle();
        onFailed(noPath(peer, effect.reason));
    }
  }

  #dial(id: number, route: Route, afterMs: number): void {
    const held: Held = { abort: new AbortController() };
    this.#held.set(id, held);
    if (afterMs === 0) {
      void this.#dialNow(id, held, route);
      return;
    }
    held.dialNow = () => {
      held.dialNow = undefined;
      held.timer?.cancel();
      void this.#dialNow(id, held, route);
    };
    held.timer = this.#options.env.clock.setTimer(afterMs, held.dialNow);
  }

  async #dialNow(id: number, held: Held, { kind, host, port }: Route): Promise<void> {
    const { env, encrypt, rendezvousPort } = this.#options;
    const { signal } = held.abort;
    const reader = encrypt ? undefined : new LinkReader();
    try {
      const socket = await env.net.dial({
        host,
        port,
        signal,
        ...(kind === "passive" ? {} : { localPort: rendezvousPort }),
        ...(reader === undefined ? {} : { reader }),
      });
      if (signal.aborted) {
        discardSocket(socket);
        return;
      }
      held.socket = socket;
      held.reader = reader;
      if (kind !== "so") socket.write(this.#token!);
      this.#at.dialled = env.clock.now();
      this.#on({ type: "dialled", id });
    } catch (error) {
      if (signal.aborted) return;
      const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
      this.#on({
        type: "dial-failed",
        id,
        refused: code === "ECONNREFUSED" || code === "ECONNRESET",
        reason: code,
      });
    }
  }

  async #secure(id: number): Promise<void> {
    const { env, encrypt, secret, load } = this.#options;
    const held = this.#held.get(id)!;
    const { signal } = held.abort;
    const limitMs = handshakeMs + load() * perPairMs.handshake;
    const timer = env.clock.setTimer(limitMs, () =>
      held.abort.abort(new FnmeshError("DEADLINE", "no handshake in time")),
    );
    try {
      held.link = await secureLink({
        socket: held.socket!,
        reader: held.reader,
        key: pairKey(secret, this.#pair!),
        role: this.#role,
        encrypt,
        random: env.random,
        signal,
      });
      this.#at.secured = env.clock.now();
      if (this.#held.get(id) === held) this.#on({ type: "secured", id });
    } catch (error) {
      if (this.#held.get(id) !== held) return;
      this.#on({ type: "insecure", id, reason: error instanceof Error ? error.message : String(error) });
    } finally {
      timer.cancel();
    }
  }

  #confirm(id: number): void {
    const { env, load } = this.#options;
    const held = this.#held.get(id)!;
    const fail = (reason: string) => {
      held.timer?.cancel();
      if (this.#held.get(id) === held) this.#on({ type: "unconfirmed", id, reason });
    };
    const startTimer = () => {
      const limitMs = probeMs + load() * perPairMs.probe;
      held.timer = env.clock.setTimer(limitMs, () => fail("no acknowledgement of 64 KiB in time"));
    };
    if (this.#role === "lower") startTimer();
    confirmLink(held.link!, this.#role, {
      onNominated: () => {
        startTimer();
        this.#on({ type: "nominated", id });
      },
      onConfirmed: () => {
        held.timer?.cancel();
        this.#on({ type: "confirmed", id });
      },
      onFailed: (error) => fail(error.message),
    });
  }

  #connected(id: number): void {
    const { link } = this.#held.get(id)!;
    this.#held.delete(id);
    this.#settle();
    const now = this.#options.env.clock.now();
    const { asked, introduced, dialled, secured } = this.#at;
    link!.expectBulk();
    this.#options.onConnected(link!, {
      rounds: this.#state.round + 1,
      phases: {
        introduceMs: introduced - asked,
        dialMs: Math.max(0, dialled - introduced),
        handshakeMs: Math.max(0, secured - Math.max(dialled, introduced)),
        probeMs: now - secured,
      },
    });
  }

  async #openDoor(): Promise<void> {
    const { signal } = this.#closed;
    if (this.#peerEndpoint === undefined) return;
    const door = await this.#options.openDoor(this.#peerEndpoint, signal);
    if (signal.aborted || this.settled) {
      await door?.close();
      return;
    }
    this.#door = door;
    if (door !== undefined) this.#on({ type: "door-open" });
  }

  #startRound(afterMs: number): void {
    this.#cancelTimers();
    const { clock } = this.#options.env;
    const limitMs = afterMs + roundMs + this.#options.load() * perPairMs.round;
    this.#timers.push(
      clock.setTimer(afterMs + burstMs, () => this.#on({ type: "burst-over" })),
      clock.setTimer(limitMs, () => this.#on({ type: "round-over" })),
    );
  }

  #discard(id: number): void {
    const held = this.#held.get(id);
    if (held === undefined) return;
    this.#held.delete(id);
    held.timer?.cancel();
    held.abort.abort(new FnmeshError("CLOSED", "another path was taken"));
    if (held.socket !== undefined) discardSocket(held.socket);
    held.link?.destroy();
  }

  /** Nothing of the making is needed any more. */
  #settle(): void {
    this.#cancelTimers();
    this.#closed.abort();
    void this.#door?.close();
    this.#door = undefined;
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.cancel();
  }
}

/** With RST, so that no TIME_WAIT keeps the same two endpoints from meeting again in the next round. */
function discardSocket(socket: Socket): void {
  socket.on("error", () => {}); // Nobody wants to know any more.
  socket.resetAndDestroy();
}

const noPath = (peer: number, reason: string) =>
  new FnmeshError("NO_PATH", `no connection to worker ${peer}: ${reason}`, {
    hint: 'Use the channel "auto", which falls back to the relay.',
  });
