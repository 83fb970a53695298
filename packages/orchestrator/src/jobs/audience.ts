// Who watches a job: passes events on, snapshots at a bounded rate.

import type { Clock, Log, Timer } from "@fnmesh/core/internal";
import type { JobEvent, JobReport, JobSnapshot } from "./job.ts";

/** Ten pictures a second look live. */
const snapshotIntervalMs = 100;

type Listener = (event: JobEvent) => void;

export class Audience {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #snapshot: () => JobSnapshot;
  readonly #listeners = new Set<Listener>();
  #timer: Timer | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #report: JobReport | undefined;

  constructor(clock: Clock, log: Log, snapshot: () => JobSnapshot) {
    this.#clock = clock;
    this.#log = log;
    this.#snapshot = snapshot;
  }

  /** To a job that has ended, "end" is all that is left to say. */
  subscribe(listener: Listener): () => void {
    // Each subscription is one of its own, even of a listener that is subscribed already.
    const own: Listener = (event) => listener(event);
    this.#listeners.add(own);
    if (this.#report === undefined) this.changed();
    else queueMicrotask(() => this.#end(own));
    return () => this.#listeners.delete(own);
  }

  /** There is something new to see. */
  changed(): void {
    if (this.#timer !== undefined || this.#listeners.size === 0 || this.#report !== undefined) return;
    const wait = Math.max(0, this.#lastAt + snapshotIntervalMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(wait, () => {
      this.#timer = undefined;
      this.#showSnapshot();
    });
  }

  tell(event: JobEvent): void {
    for (const listener of this.#listeners) this.#call(listener, event);
  }

  /** Shows the last picture, then says that it is over. */
  end(report: JobReport): void {
    this.#timer?.cancel();
    this.#showSnapshot();
    this.#report = report;
    for (const listener of this.#listeners) this.#end(listener);
  }

  #showSnapshot(): void {
    this.#lastAt = this.#clock.now();
    if (this.#listeners.size > 0) this.tell({ type: "snapshot", snapshot: this.#snapshot() });
  }

  #end(listener: Listener): void {
    if (!this.#listeners.delete(listener) || this.#report === undefined) return;
    this.#call(listener, { type: "end", report: this.#report });
  }

  #call(listener: Listener, event: JobEvent): void {
    try {
      listener(event);
    } catch (error) {
      // A watcher's defect must not touch the job; it is told no more.
      this.#listeners.delete(listener);
      this.#log.error("a job's watcher failed", {
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
