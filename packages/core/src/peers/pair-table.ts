// All pairs of this worker: which are being connected, which stand, which have ended. Connections are asked for when
// they are first needed; the orchestrator introduces, pair-connector.ts connects, a session results.

import type { Window } from "../channel/inbound.ts";
import type { Mailbox } from "../channel/mailbox.ts";
import { Session } from "../channel/session.ts";
import type { Socket, Timer } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Link } from "../link/link.ts";
import type { RelayClient } from "../link/relay-link.ts";
import { type Introduction, PairConnector, type PairContext } from "../punch/pair-connector.ts";
import { awaitToken } from "../punch/token-gate.ts";
import type { ConnectionInfo } from "./peers.ts";

export interface PairTableOptions extends PairContext {
  readonly window: Window;
  readonly mostMessageBytes: number;
  readonly mailbox: Mailbox;
  readonly askConnect: (peers: readonly number[]) => void;
  /** This worker's relay connection, made at the first call. */
  readonly relay: () => Promise<RelayClient>;
}

/** Rendezvous, punching and handshake together; a peer that starts late is waited for. */
const connectLimitMs = 90_000;

/** Beside one for each pair that is being connected. */
const mostVisitors = 64;

type Phase =
  | { readonly name: "connecting"; readonly deadline: Timer }
  | { readonly name: "open"; readonly session: Session; readonly info: ConnectionInfo }
  | { readonly name: "ended"; readonly error: FnmeshError };

interface Pair {
  readonly rank: number;
  readonly connector: PairConnector;
  phase: Phase;
  /** Kept after the session's end, for the report. */
  session: Session | undefined;
  info: ConnectionInfo | undefined;
  waiting: { resolve(session: Session): void; reject(error: FnmeshError): void }[];
}

export interface PairUse extends ConnectionInfo {
  readonly counters: Session["counters"];
}

export class PairTable {
  readonly #options: PairTableOptions;
  readonly #pairs = new Map<number, Pair>();
  #connecting = 0;
  readonly #load = () => this.#connecting;
  /** Connections to the listener that have not shown a token yet. */
  #visitors = 0;
  #toAsk: number[] = [];
  #closed: FnmeshError | undefined;
  /** When the first connection was begun, and the last one stood. */
  readonly times: { first: number | undefined; last: number | undefined } = {
    first: undefined,
    last: undefined,
  };

  constructor(options: PairTableOptions) {
    this.#options = options;
  }

  /** The session that stands, if one does: the way of nearly every send. */
  openSession(rank: number): Session | undefined {
    const phase = this.#pairs.get(rank)?.phase;
    return phase?.name === "open" ? phase.session : undefined;
  }

  /** The session with a rank, connecting first if need be. Rejects with NO_PATH, PEER_LOST, PEER_FINISHED or CLOSED. */
  session(rank: number): Promise<Session> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const pair = this.#pairs.get(rank) ?? this.#begin(rank);
    const { phase } = pair;
    if (phase.name === "open") return Promise.resolve(phase.session);
    if (phase.name === "ended") return Promise.reject(phase.error);
    return new Promise((resolve, reject) => pair.waiting.push({ resolve, reject }));
  }

  introduced(peers: readonly Introduction[]): void {
    for (const peer of peers) this.#connectorOf(peer.rank)?.introduced(peer);
  }

  relayOrdered(rank: number, reason: string): void {
    this.#connectorOf(rank)?.relayOrdered(reason);
  }

  /** The orchestrator says that a peer will not come (again). */
  gone(rank: number, reason: "finished" | "lost"): void {
    const error =
      reason === "finished"
        ? new FnmeshError("PEER_FINISHED", `worker ${rank} has finished`)
        : new FnmeshError("PEER_LOST", `worker ${rank} was lost`, { hint: "Its own error says why." });
    const phase = this.#pairs.get(rank)?.phase;
    if (phase?.name !== "open") this.#end(this.#pairs.get(rank) ?? this.#enter(rank), error);
    // A link that stands delivers what is on it, and then its own end; a lost worker's may never.
    else if (reason === "lost") phase.session.destroy(error);
  }

  /** A connection to this worker's listener. Whoever does not show a pair's token is turned away. */
  async accept(socket: Socket): Promise<void> {
    if (this.#visitors >= mostVisitors + this.#connecting) {
      socket.resetAndDestroy();
      return;
    }
    this.#visitors += 1;
    await this.#letIn(socket);
    this.#visitors -= 1;
  }

  async #letIn(socket: Socket): Promise<void> {
    const find = (token: Uint8Array) =>
      [...this.#pairs.values()].find(({ connector }) => connector.token?.equals(token));
    const visitor = await awaitToken(socket, { clock: this.#options.env.clock, find });
    if ("pair" in visitor && visitor.pair.phase.name === "connecting") {
      visitor.pair.connector.accepted(socket);
      return;
    }
    // A pair that stands already dialled twice, and a race's loser left: neither is a stranger.
    socket.resetAndDestroy();
    if ("pair" in visitor || visitor.refused === "left") return;
    const { log } = this.#options.env;
    log.warn("refused a connection to this worker", { why: visitor.refused, from: socket.remoteAddress });
  }

  uses(): readonly PairUse[] {
    return [...this.#pairs.values()].flatMap(({ session, info }) =>
      session === undefined || info === undefined ? [] : [{ ...info, counters: session.counters }],
    );
  }

  infos(): readonly ConnectionInfo[] {
    return [...this.#pairs.values()].flatMap(({ phase }) => (phase.name === "open" ? [phase.info] : []));
  }

  checkHeartbeats(stalledMs: number): void {
    for (const { phase } of this.#pairs.values()) {
      if (phase.name === "open") phase.session.checkHeartbeat(stalledMs);
    }
  }

  /** Everything sent is delivered, and all peers told that no more comes. */
  async finish(signal: AbortSignal): Promise<void> {
    const connecting = [...this.#pairs.values()].filter(({ phase }) => phase.name === "connecting");
    // A send that nobody awaited may still wait for its connection; one that failed was told already.
    await Promise.allSettled(
      connecting.filter(({ waiting }) => waiting.length > 0).map(({ rank }) => this.session(rank)),
    );
    const open = [...this.#pairs.values()].flatMap(({ phase }) =>
      phase.name === "open" ? [phase.session] : [],
    );
    await Promise.all(open.map((session) => session.finish(signal)));
  }

  /** Ends all: in order when that is why (CLOSED), at once for any other reason. May be called twice. */
  close(error: FnmeshError): void {
    this.#closed ??= error;
    for (const pair of this.#pairs.values()) {
      if (pair.phase.name === "open" && error.code === "CLOSED") pair.phase.session.close();
      else if (pair.phase.name === "open") pair.phase.session.destroy(error);
      this.#end(pair, this.#closed);
    }
  }

  #begin(rank: number): Pair {
    const pair = this.#enter(rank);
    if (this.#toAsk.length === 0) queueMicrotask(() => this.#options.askConnect(this.#toAsk.splice(0)));
    this.#toAsk.push(rank);
    return pair;
  }

  #enter(rank: number): Pair {
    const { clock } = this.#options.env;
    this.times.first ??= clock.now();
    const connector = new PairConnector({
      context: this.#options,
      peer: rank,
      load: this.#load,
      events: {
        onConnected: (link, info) => this.#open(pair, link, { rank, path: "direct", ...info }),
        onRelayed: (reason) => void this.#openRelay(pair, reason),
        onFailed: (error) => this.#end(pair, error),
      },
    });
    const deadline = clock.setTimer(connectLimitMs, () => connector.deadline());
    const phase: Phase = { name: "connecting", deadline };
    const pair: Pair = { rank, connector, phase, session: undefined, info: undefined, waiting: [] };
    this.#pairs.set(rank, pair);
    this.#connecting += 1;
    return pair;
  }

  #connectorOf(rank: number): PairConnector | undefined {
    if (this.#closed !== undefined) return undefined;
    const { phase, connector } = this.#pairs.get(rank) ?? this.#enter(rank);
    return phase.name === "connecting" ? connector : undefined;
  }

  #open(pair: Pair, link: Link, info: ConnectionInfo): void {
    this.#leaveConnecting(pair);
    const { mailbox, window, mostMessageBytes, env } = this.#options;
    const session = new Session({
      rank: pair.rank,
      link,
      mailbox,
      window,
      mostMessageBytes,
      clock: env.clock,
      onEnd: (error) => this.#end(pair, error),
    });
    pair.session = session;
    pair.info = info;
    pair.phase = { name: "open", session, info };
    this.times.last = env.clock.now();
    for (const { resolve } of pair.waiting.splice(0)) resolve(session);
  }

  async #openRelay(pair: Pair, reason: string): Promise<void> {
    const startedAt = this.#options.env.clock.now();
    try {
      const relay = await this.#options.relay();
      if (pair.phase.name !== "connecting") return;
      const introduceMs = this.#options.env.clock.now() - startedAt;
      const phases = { introduceMs, dialMs: 0, handshakeMs: 0, probeMs: 0 };
      this.#open(pair, relay.open(pair.rank), { rank: pair.rank, path: "relay", reason, rounds: 0, phases });
    } catch (cause) {
      this.#end(
        pair,
        new FnmeshError("NO_PATH", `the relay to worker ${pair.rank} failed: ${String(cause)}`, { cause }),
      );
    }
  }

  #end(pair: Pair, error: FnmeshError): void {
    if (pair.phase.name === "ended") return;
    this.#leaveConnecting(pair);
    pair.phase = { name: "ended", error };
    this.#options.mailbox.endRank(pair.rank, error);
    for (const { reject } of pair.waiting.splice(0)) reject(error);
  }

  #leaveConnecting({ phase, connector }: Pair): void {
    if (phase.name !== "connecting") return;
    this.#connecting -= 1;
    phase.deadline.cancel();
    connector.close();
  }
}
