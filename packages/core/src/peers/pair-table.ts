// All pairs of this worker: which are being connected, which stand, which have ended. Connections are asked for when
// they are first needed; the orchestrator introduces or routes, a session results (see pair.ts).

import type { Session } from "../channel/session.ts";
import type { Socket } from "../env/env.ts";
import type { FnmeshError } from "../errors/errors.ts";
import type { Introduction } from "../punch/pair-connector.ts";
import { awaitToken } from "../punch/token-gate.ts";
import type { LeftPaths } from "./left-paths.ts";
import { Pair } from "./pair.ts";
import type { PairShared, Route } from "./pair-shared.ts";
import type { ConnectionInfo } from "./peers.ts";

export interface PairTableOptions extends Omit<PairShared, "askRelay"> {
  /** `bytes`: of the largest message that waits for one of them. */
  readonly askConnect: (peers: readonly number[], bytes: number) => void;
}

/** Beside one for each pair that is being connected. */
const mostVisitors = 64;

export interface PairUse extends ConnectionInfo {
  readonly counters: Session["counters"];
  /** When the path carried first; the clock's milliseconds. */
  readonly since: number;
  /** It is not direct yet, and has not given that up. */
  readonly isTrying: boolean;
  /** What was sent over paths that it left. */
  readonly earlier: ReturnType<LeftPaths["list"]>;
}

export class PairTable {
  readonly #options: PairTableOptions;
  readonly #shared: PairShared;
  readonly #pairs = new Map<number, Pair>();
  #connecting = 0;
  readonly #load = () => this.#connecting;
  /** Connections to the listener that have not shown a token yet. */
  #visitors = 0;
  #toAsk: number[] = [];
  #largestWaiting = 0;
  #closed: FnmeshError | undefined;
  /** When the first connection was begun, and the last one stood. */
  readonly times: { first: number | undefined; last: number | undefined } = {
    first: undefined,
    last: undefined,
  };

  constructor(options: PairTableOptions) {
    this.#options = options;
    this.#shared = { ...options, askRelay: (rank, reason) => this.#pairs.get(rank)?.gaveUp(reason) };
  }

  /** The session that stands, if one does: the way of nearly every send. */
  openSession(rank: number): Session | undefined {
    const pair = this.#pairs.get(rank);
    return pair?.phase === "open" ? pair.session : undefined;
  }

  /**
   * The session with a rank, connecting first if need be. Rejects with NO_PATH, PEER_LOST, PEER_FINISHED or CLOSED.
   *
   * @param bytes of the message that waits for it
   */
  session(rank: number, bytes = 0): Promise<Session> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    return (this.#pairs.get(rank) ?? this.#begin(rank, bytes)).opened();
  }

  introduced(peers: readonly Introduction[]): void {
    for (const peer of peers) this.#pairOf(peer.rank)?.introduced(peer);
  }

  routed(route: Route): void {
    this.#pairOf(route.peer)?.routed(route);
  }

  stranded(rank: number, reason: string): void {
    this.#pairOf(rank)?.stranded(reason);
  }

  /** The orchestrator says that a peer will not come (again). */
  gone(rank: number, reason: "finished" | "lost"): void {
    (this.#pairs.get(rank) ?? this.#enter(rank)).gone(reason);
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
    const find = (token: Uint8Array) => [...this.#pairs.values()].find((pair) => pair.token?.equals(token));
    const visitor = await awaitToken(socket, { clock: this.#options.env.clock, find });
    if ("pair" in visitor && visitor.pair.connecting) {
      visitor.pair.accepted(socket);
      return;
    }
    // A pair that stands already dialled twice, and a race's loser left: neither is a stranger.
    socket.resetAndDestroy();
    if ("pair" in visitor || visitor.refused === "left") return;
    const { log } = this.#options.env;
    log.warn("refused a connection to this worker", { why: visitor.refused, from: socket.remoteAddress });
  }

  uses(): readonly PairUse[] {
    return [...this.#pairs.values()].flatMap(({ carried, since, isTrying, left }) =>
      carried === undefined
        ? []
        : [{ ...carried.info, since, isTrying, earlier: left.list(), counters: carried.session.counters }],
    );
  }

  infos(): readonly ConnectionInfo[] {
    return [...this.#pairs.values()].flatMap(({ phase, info }) => (phase === "open" ? [info!] : []));
  }

  checkHeartbeats(stalledMs: number): void {
    for (const { phase, session } of this.#pairs.values()) {
      if (phase === "open") session!.checkHeartbeat(stalledMs);
    }
  }

  /** Everything sent is delivered, and all peers told that no more comes. */
  async finish(signal: AbortSignal): Promise<void> {
    const waited = [...this.#pairs.values()].filter((pair) => pair.phase === "connecting" && pair.hasWaiting);
    // A send that nobody awaited may still wait for its connection; one that failed was told already.
    await Promise.allSettled(waited.map((pair) => pair.opened()));
    const open = [...this.#pairs.values()].filter(({ phase }) => phase === "open");
    await Promise.all(open.map(({ session }) => session!.finish(signal)));
  }

  /** Ends all: in order when that is why (CLOSED), at once for any other reason. May be called twice. */
  close(error: FnmeshError): void {
    this.#closed ??= error;
    for (const pair of this.#pairs.values()) pair.close(error);
  }

  #begin(rank: number, bytes: number): Pair {
    const pair = this.#enter(rank);
    if (this.#toAsk.length === 0) {
      queueMicrotask(() => {
        const largest = this.#largestWaiting;
        this.#largestWaiting = 0;
        this.#options.askConnect(this.#toAsk.splice(0), largest);
      });
    }
    this.#toAsk.push(rank);
    this.#largestWaiting = Math.max(this.#largestWaiting, bytes);
    return pair;
  }

  #enter(rank: number): Pair {
    const { clock } = this.#options.env;
    this.times.first ??= clock.now();
    this.#connecting += 1;
    const pair = new Pair({
      rank,
      shared: this.#shared,
      load: this.#load,
      onSettled: () => {
        this.#connecting -= 1;
      },
      onOpen: () => {
        this.times.last = clock.now();
      },
    });
    this.#pairs.set(rank, pair);
    return pair;
  }

  #pairOf(rank: number): Pair | undefined {
    if (this.#closed !== undefined) return undefined;
    return this.#pairs.get(rank) ?? this.#enter(rank);
  }
}
