// Barriers: who has come to which. Pure.

import { FnmeshError } from "@fnmesh/core";

/** A worker waits at one barrier at a time, so two are open at most; some more for a job that races barriers. */
const mostOpen = 64;

export class Barriers {
  readonly #size: number;
  readonly #arrived = new Map<number, Set<number>>();
  readonly #left = new Set<number>();

  constructor(size: number) {
    this.#size = size;
  }

  /**
   * "complete": `rank` is the last one, all may go on. "stuck": a worker to which the barrier would have to wait has
   * finished already. Throws PROTOCOL when too many are open.
   */
  arrive(rank: number, id: number): "waiting" | "complete" | "stuck" {
    const arrived = this.#arrived.get(id) ?? new Set();
    if (!this.#arrived.has(id) && this.#arrived.size >= mostOpen) {
      throw new FnmeshError("PROTOCOL", `more than ${mostOpen} barriers are open`);
    }
    this.#arrived.set(id, arrived.add(rank));
    if (arrived.size < this.#size) return this.#lacksOneWhoLeft(arrived) ? "stuck" : "waiting";
    this.#arrived.delete(id);
    return "complete";
  }

  /** `rank` comes to no more barriers. True when somebody waits for it at one: for ever. */
  leave(rank: number): boolean {
    this.#left.add(rank);
    return [...this.#arrived.values()].some((arrived) => !arrived.has(rank));
  }

  #lacksOneWhoLeft(arrived: ReadonlySet<number>): boolean {
    for (const rank of this.#left) {
      if (!arrived.has(rank)) return true;
    }
    return false;
  }
}
