// What waits for a reader of events that is slower than the jobs. Bounded: of a job's snapshots only the newest
// waits, of log lines the newest `mostLogs`, and the reader is told how many were dropped; an end is never dropped.

import type { JobEvent } from "../jobs/job.ts";

export interface QueuedEvent {
  readonly job: string;
  readonly event: JobEvent | { readonly type: "dropped"; readonly logs: number };
}

export class EventQueue {
  readonly #mostLogs: number;
  /** In the order in which they are taken. */
  readonly #waiting = new Map<string, QueuedEvent>();
  #logKeys: string[] = [];
  #dropped = new Map<string, number>();
  #count = 0;

  constructor(mostLogs: number) {
    this.#mostLogs = mostLogs;
  }

  get isEmpty(): boolean {
    return this.#waiting.size === 0 && this.#dropped.size === 0;
  }

  push(job: string, event: JobEvent): void {
    this.#count += 1;
    const key = event.type === "snapshot" ? `snapshot ${job}` : `${event.type} ${this.#count}`;
    // A newer snapshot takes the last place: it tells of what the events before it did.
    this.#waiting.delete(key);
    this.#waiting.set(key, { job, event });
    if (event.type === "log") this.#boundLogs(key);
  }

  /** All that waits; the queue is empty after it. */
  takeAll(): readonly QueuedEvent[] {
    const dropped = [...this.#dropped].map(
      ([job, logs]): QueuedEvent => ({ job, event: { type: "dropped", logs } }),
    );
    const taken = [...dropped, ...this.#waiting.values()];
    this.#waiting.clear();
    this.#dropped = new Map();
    this.#logKeys = [];
    return taken;
  }

  #boundLogs(key: string): void {
    this.#logKeys.push(key);
    if (this.#logKeys.length <= this.#mostLogs) return;
    const oldest = this.#logKeys.shift()!;
    const { job } = this.#waiting.get(oldest)!;
    this.#waiting.delete(oldest);
    this.#dropped.set(job, (this.#dropped.get(job) ?? 0) + 1);
  }
}
