// One pair: how it gets its path, the session on it, and how it gets the next one. The connector punches; routes come
// from the orchestrator; whatever carries, the session stays.

import type { Window } from "../channel/inbound.ts";
import { Session } from "../channel/session.ts";
import type { Socket, Timer } from "../env/env.ts";
import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import { LastingLink } from "../link/lasting-link.ts";
import type { Link } from "../link/link.ts";
import { type Introduction, PairConnector } from "../punch/pair-connector.ts";
import { LeftPaths } from "./left-paths.ts";
import { MiddleWays } from "./middle-ways.ts";
import type { PairShared, Route } from "./pair-shared.ts";
import type { ConnectionInfo } from "./peers.ts";

export interface PairOptions {
  readonly rank: number;
  readonly shared: PairShared;
  /** How many pairs are being connected. */
  readonly load: () => number;
  /** Its connector has nothing to do any more. Called once. */
  readonly onSettled: () => void;
  readonly onOpen: () => void;
}

/** Rendezvous, punching and handshake together; a peer that starts late is waited for. */
const connectLimitMs = 90_000;
/** A path that broke is replaced within this time, or the pair is lost. */
const replaceLimitMs = 30_000;
/** Kept for a next path; both sides compute the same. */
const mostKeptBytes = (window: Window): number => Math.min(1024 * 1024, window.bytes);

type Phase = "connecting" | "open" | "ended";

export class Pair {
  readonly rank: number;
  phase: Phase = "connecting";
  session: Session | undefined;
  info: ConnectionInfo | undefined;
  /** When the present path carried first; the clock's milliseconds. */
  since = 0;
  readonly left = new LeftPaths();
  readonly #shared: PairShared;
  readonly #options: PairOptions;
  readonly #connector: PairConnector;
  readonly #ways: MiddleWays;
  #waiting: { resolve(session: Session): void; reject(error: FnmeshError): void }[] = [];
  #lasting: LastingLink | undefined;
  #deadline: Timer | undefined;
  #introduced = false;
  #settled = false;
  /** Why it is not direct; known once the connector has given up. */
  #gaveUp: string | undefined;
  #error: FnmeshError | undefined;
  /** What broke the last path, while there is none. */
  #broken: Error | undefined;

  constructor(options: PairOptions) {
    const { rank, shared, load } = options;
    this.rank = rank;
    this.#options = options;
    this.#shared = shared;
    this.#ways = new MiddleWays({
      rank,
      shared,
      // A socket that is not open yet may fail: then the latest of these is where to go on.
      isWanted: () => this.phase !== "ended" && !this.#isDirect(),
      onLink: (link, info) => this.#carry(link, info, true),
      onFailed: (error) => this.#onBroken(error),
    });
    this.#connector = new PairConnector({
      context: shared,
      peer: rank,
      load,
      events: {
        onConnected: (link, info) => this.#direct(link, { rank, path: "direct", ...info }),
        onRelayed: (reason) => {
          this.#gaveUp ??= reason;
          this.#settle();
        },
        onFailed: (error) => this.#failed(error),
      },
    });
    this.#deadline = shared.env.clock.setTimer(connectLimitMs, () => this.#tooLate());
  }

  /** Its connector still tries. */
  get connecting(): boolean {
    return !this.#settled;
  }

  get token(): Buffer | undefined {
    return this.#connector.token;
  }

  get hasWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Another way carries it, and it may still become direct; or might have, had the job gone on. */
  get isTrying(): boolean {
    return this.#introduced && !this.#isDirect() && this.#gaveUp === undefined;
  }

  get carried(): { readonly info: ConnectionInfo; readonly session: Session } | undefined {
    const { info, session } = this;
    return info === undefined || session === undefined ? undefined : { info, session };
  }

  /** Rejects with what ended the pair. */
  opened(): Promise<Session> {
    if (this.phase === "open") return Promise.resolve(this.session!);
    if (this.phase === "ended") return Promise.reject(this.#error);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  introduced(peer: Introduction): void {
    this.#introduced = true;
    if (!this.#settled) this.#connector.introduced(peer);
  }

  accepted(socket: Socket): void {
    this.#connector.accepted(socket);
  }

  /** The orchestrator tells both sides which way to take. */
  routed(route: Route): void {
    if (this.phase === "ended" || !this.#ways.order(route)) return;
    this.#shared.env.log.debug("a pair has a route", {
      peer: this.rank,
      rung: route.rung,
      why: route.reason,
    });
    if (this.#gaveUp !== undefined) this.#connector.relayOrdered(route.reason);
    if (!this.#shared.punches) this.#settle();
    if (!this.#isDirect()) this.#ways.take();
  }

  /** The ladder has nothing (more) for it. */
  stranded(reason: string): void {
    if (this.phase === "ended" || this.#isDirect()) return;
    const error =
      this.#broken === undefined
        ? new FnmeshError("NO_PATH", `no connection to worker ${this.rank}: ${reason}`, {
            hint: 'Give it more ways, such as the channel "auto" or "direct,relay".',
          })
        : toFnmeshError(this.#broken, "PEER_LOST");
    this.#lose(error);
  }

  /** The orchestrator says that the peer will not come (again). */
  gone(reason: "finished" | "lost"): void {
    const error =
      reason === "finished"
        ? new FnmeshError("PEER_FINISHED", `worker ${this.rank} has finished`)
        : new FnmeshError("PEER_LOST", `worker ${this.rank} was lost`, { hint: "Its own error says why." });
    if (this.phase !== "open") this.end(error);
    // A link that stands delivers what is on it, and then its own end; a lost worker's may never.
    else if (reason === "lost") this.session!.destroy(error);
    else if (this.#broken !== undefined) this.#lasting?.end(error);
  }

  /** May be called twice. */
  close(error: FnmeshError): void {
    if (this.phase === "open" && error.code === "CLOSED") this.session!.close();
    else if (this.phase === "open") this.session!.destroy(error);
    this.end(error);
  }

  end(error: FnmeshError): void {
    if (this.phase === "ended") return;
    this.phase = "ended";
    this.#error = error;
    this.#deadline?.cancel();
    this.#connector.close();
    this.#settle();
    this.#shared.mailbox.endRank(this.rank, error);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #isDirect(): boolean {
    return this.info?.path === "direct";
  }

  #lose(error: FnmeshError): void {
    if (this.#lasting === undefined) this.end(error);
    else this.#lasting.end(error);
  }

  #tooLate(): void {
    this.#connector.deadline();
    if (this.phase === "connecting") {
      this.end(
        new FnmeshError("NO_PATH", `no connection to worker ${this.rank}: the time to connect is over`),
      );
    }
  }

  /** The connector sees no direct path. Its last word: nothing comes after it but the order that settles it. */
  gaveUp(reason: string): void {
    this.#gaveUp = reason;
    if (this.#ways.number > 0) this.#stay(reason);
    else this.#shared.askRoute(this.rank, 0, reason);
  }

  /** It has a way already, and now the last word on why that is not direct. */
  #stay(reason: string): void {
    this.#connector.relayOrdered(reason);
    this.#ways.explain(reason);
    if (this.#ways.info !== undefined) this.info = this.#ways.info;
  }

  #failed(error: FnmeshError): void {
    this.#settle();
    if (this.phase === "connecting") this.end(error);
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#options.onSettled();
  }

  #direct(link: Link, info: ConnectionInfo): void {
    this.#settle();
    if (this.phase === "ended") link.destroy();
    else this.#carry(link, info, false);
  }

  #use(info: ConnectionInfo): void {
    if (this.info !== undefined) this.left.leave(this.info.path, this.session?.counters.sent.bytes ?? 0);
    this.info = info;
  }

  #carry(link: Link, info: ConnectionInfo, keeps: boolean): void {
    this.#broken = undefined;
    this.#deadline?.cancel();
    this.#use(info);
    this.since = this.#shared.env.clock.now();
    if (this.session === undefined) {
      this.#open(link, keeps);
    } else {
      this.#limitReplacing();
      this.#lasting!.move(link, keeps);
    }
  }

  #open(link: Link, keeps: boolean): void {
    const { mailbox, window, mostMessageBytes, env, lasting } = this.#shared;
    if (lasting) {
      this.#lasting = new LastingLink({
        mostKeptBytes: mostKeptBytes(window),
        onBroken: (error) => this.#onBroken(error),
        onMoved: () => this.#deadline?.cancel(),
        onReturned: () => this.#onReturned(),
      });
    }
    this.session = new Session({
      rank: this.rank,
      link: this.#lasting ?? link,
      mailbox,
      window,
      mostMessageBytes,
      clock: env.clock,
      onEnd: (error) => this.end(error),
    });
    this.phase = "open";
    this.#lasting?.move(link, keeps);
    this.#options.onOpen();
    for (const { resolve } of this.#waiting.splice(0)) resolve(this.session);
  }

  /** The socket failed at the last moment: the way before it goes on, or the one that was ordered meanwhile. */
  #onReturned(): void {
    this.#use(this.#ways.info!);
    this.#limitReplacing();
    this.#ways.take();
  }

  #onBroken(error: Error): void {
    if (this.#ways.info !== undefined) this.#use(this.#ways.info);
    this.#broken = error;
    this.#limitReplacing();
    // Where the other side saw it first, the next way is ordered already, and perhaps being made.
    if (this.#ways.isMaking || this.#ways.take()) return;
    this.#shared.env.log.debug("a pair's path is broken", { peer: this.rank, why: error.message });
    this.#shared.askRoute(this.rank, this.#ways.number, error.message);
  }

  /** Until the first path stands, the time to connect is the limit. */
  #limitReplacing(): void {
    if (this.#lasting === undefined) return;
    this.#deadline?.cancel();
    this.#deadline = this.#shared.env.clock.setTimer(replaceLimitMs, () => {
      const cause = this.#broken ?? new Error("the other side did not come to the new path");
      this.#lasting?.end(toFnmeshError(cause, "PEER_LOST"));
    });
  }
}
