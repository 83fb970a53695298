// One pair's ways through the middle: the orchestrator orders them, one after another, to both sides. Each is made and
// handed over once; which of them carries, and whether it still does, is the pair's business.

import { type FnmeshError, toFnmeshError } from "../errors/errors.ts";
import type { Link } from "../link/link.ts";
import { pathOf } from "../protocol/rungs.ts";
import type { PairShared, Route } from "./pair-shared.ts";
import type { ConnectionInfo } from "./peers.ts";

export interface MiddleWaysOptions {
  readonly rank: number;
  readonly shared: Pick<PairShared, "env" | "hub">;
  /** Whether the pair would take one now: it has nothing better. */
  readonly isWanted: () => boolean;
  readonly onLink: (link: Link, info: ConnectionInfo) => void;
  /** The latest could not be made. */
  readonly onFailed: (error: FnmeshError) => void;
}

export class MiddleWays {
  readonly #options: MiddleWaysOptions;
  readonly #askedAt: number;
  #latest: Route | undefined;
  /** The number of the last one that was tried: this side may learn of one before it has tried the one before. */
  #tried = 0;
  /** The number of the one that is being made; 0: none is. */
  #making = 0;
  #info: ConnectionInfo | undefined;

  constructor(options: MiddleWaysOptions) {
    this.#options = options;
    this.#askedAt = options.shared.env.clock.now();
  }

  /** Of the latest one; 0: there is none yet. Both sides have the same numbers. */
  get number(): number {
    return this.#latest?.route ?? 0;
  }

  /** Of the last one that was handed over: a socket may fail before it is open. */
  get info(): ConnectionInfo | undefined {
    return this.#info;
  }

  /** The latest is being made: it will be handed over, or fail. */
  get isMaking(): boolean {
    return this.#making > 0 && this.#making === this.number;
  }

  /** False for one that is no news. */
  order(route: Route): boolean {
    if (route.route <= this.number) return false;
    this.#latest = route;
    return true;
  }

  /** Begins to make the latest. False when it was tried before: no way is tried twice. */
  take(): boolean {
    const route = this.#latest;
    if (route === undefined || this.#tried >= route.route) return false;
    this.#tried = route.route;
    this.#making = route.route;
    void this.#make(route);
    return true;
  }

  /** The last word on why the pair is not direct. */
  explain(reason: string): void {
    if (this.#info !== undefined) this.#info = { ...this.#info, reason };
  }

  async #make(route: Route): Promise<void> {
    const { rank, shared, onFailed } = this.#options;
    let link: Link;
    try {
      const hub = await shared.hub(route);
      if (!this.#made(route)) return;
      link = hub.open({ rank, attempt: route.attempt });
    } catch (error) {
      if (this.#made(route)) onFailed(toFnmeshError(error, "NO_PATH"));
      return;
    }
    this.#info = this.#infoOf(route);
    this.#options.onLink(link, this.#info);
  }

  /** Whether it is to be handed over. What is not wanted now may be taken later. */
  #made({ route }: Route): boolean {
    if (route !== this.number) return false;
    this.#making = 0;
    const isWanted = this.#options.isWanted();
    if (!isWanted) this.#tried = route - 1;
    return isWanted;
  }

  #infoOf({ rung, reason }: Route): ConnectionInfo {
    const { rank, shared } = this.#options;
    const introduceMs = shared.env.clock.now() - this.#askedAt;
    const phases = { introduceMs, dialMs: 0, handshakeMs: 0, probeMs: 0 };
    return { rank, path: pathOf(rung), reason, rounds: 0, phases };
  }
}
