// Time that passes only when a test says so, or by itself whenever the event loop has nothing else to do. Between two
// moments of virtual time, everything that is ready in real time (promises, ticks, streams) runs first.

import type { Clock, Timer } from "../env/env.ts";
import { type QueuedTimer, TimerQueue } from "./timer-queue.ts";

export interface VirtualClock extends Clock {
  /** Lets `ms` pass, firing what falls due on the way. */
  advance(ms: number): Promise<void>;
  /** Fires timers until none is left. Throws when some are still left after `limitMs` of virtual time (default: one day). */
  runUntilIdle(limitMs?: number): Promise<void>;
  /**
   * Lets time pass until `promise` settles, and settles as it does. Throws when nothing is left to happen, or after
   * `limitMs` of virtual time (default: one day).
   *
   * @example
   * const socket = await clock.run(host.dial({ host: "203.0.113.7", port: 443 }));
   */
  run<T>(promise: PromiseLike<T>, limitMs?: number): Promise<T>;
  /** Waits until nothing is ready any more, without letting time pass. */
  settle(): Promise<void>;
  /** From now on time passes by itself whenever the event loop is idle, so that `await` of anything just works. Returns what stops it. */
  autoAdvance(): () => void;
  /** As `setTimer`, for the virtual network itself: not counted by `pendingTimers`. */
  schedule(delayMs: number, callback: () => void): Timer;
  /** The timers that were set and have neither fired nor been cancelled, with the place that set each. */
  pendingTimers(): readonly PendingTimer[];
}

export interface PendingTimer {
  readonly id: number;
  readonly inMs: number;
  readonly setAt: string;
}

export interface VirtualClockOptions {
  readonly startMs?: number;
  /** Start with `autoAdvance`. */
  readonly auto?: boolean;
  /**
   * Whether something goes on now that this clock cannot see, as reading a file. While it does, `run` lets time pass no
   * faster than it really does. Default: never.
   */
  readonly realWork?: () => boolean;
}

/** Turns of the event loop without any clock activity before it counts as idle: TLS over a Duplex takes up to two a record. */
const quietTurns = 4;
const oneDayMs = 86_400_000;
/** How often the end of real work is looked for: Node's shortest timer. */
const realStepMs = 1;

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const realStep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, realStepMs));

class VirtualTime implements VirtualClock {
  readonly #queue = new TimerQueue();
  readonly #realWork: () => boolean;
  #now: number;
  #order = 0;
  #auto = false;
  #pumping = false;
  /** One driver at a time: `advance` called while another one runs waits for it. */
  #driver: Promise<unknown> = Promise.resolve();

  constructor({ startMs = 0, realWork = () => false }: VirtualClockOptions) {
    this.#now = startMs;
    this.#realWork = realWork;
  }

  now(): number {
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, callback, new Error("a timer was set here"));
  }

  schedule(delayMs: number, callback: () => void): Timer {
    return this.#add(delayMs, callback, undefined);
  }

  pendingTimers(): readonly PendingTimer[] {
    return this.#queue
      .pending()
      .filter((timer) => timer.setAt !== undefined)
      .map(({ order, dueMs, setAt }) => ({ id: order, inMs: dueMs - this.#now, setAt: setAt?.stack ?? "" }));
  }

  async settle(): Promise<void> {
    for (let quiet = 0, seen = this.#order; quiet < quietTurns; quiet += 1) {
      await turn();
      if (this.#order !== seen) [quiet, seen] = [0, this.#order];
    }
  }

  advance(ms: number): Promise<void> {
    return this.#exclusively(() => this.#advanceTo(this.#now + ms));
  }

  runUntilIdle(limitMs = oneDayMs): Promise<void> {
    return this.#exclusively(async () => {
      const endMs = this.#now + limitMs;
      for (await this.settle(); this.#queue.peek() !== undefined; await this.settle()) {
        if (this.#queue.peek()!.dueMs > endMs) throw new Error(`not idle after ${limitMs} virtual ms`);
        await this.#fireNextMoment();
      }
    });
  }

  run<T>(promise: PromiseLike<T>, limitMs = oneDayMs): Promise<T> {
    let settled = false;
    const mark = () => {
      settled = true;
    };
    promise.then(mark, mark);
    return this.#exclusively(async () => {
      const endMs = this.#now + limitMs;
      for (await this.settle(); !settled; await this.settle()) {
        const dueMs = this.#queue.peek()?.dueMs;
        if (Math.min(dueMs ?? endMs, endMs) > this.#now && this.#realWork()) {
          await this.#keepPace();
          continue;
        }
        if (this.#now >= endMs || (dueMs !== undefined && dueMs > endMs)) {
          throw new Error(`the promise has not settled after ${limitMs} virtual ms`);
        }
        if (dueMs === undefined)
          throw new Error("nothing is left to happen, and the promise has not settled");
        await this.#fireNextMoment();
      }
      return promise;
    });
  }

  autoAdvance(): () => void {
    this.#auto = true;
    this.#pump();
    return () => {
      this.#auto = false;
    };
  }

  #add(delayMs: number, callback: () => void, setAt: Error | undefined): Timer {
    const timer: QueuedTimer = {
      dueMs: this.#now + Math.max(delayMs, 0),
      order: this.#order++,
      callback,
      setAt,
      cancelled: false,
    };
    this.#queue.push(timer);
    if (this.#auto) this.#pump();
    return {
      cancel: () => {
        timer.cancelled = true;
      },
    };
  }

  #exclusively<T>(drive: () => Promise<T>): Promise<T> {
    const result = this.#driver.then(drive);
    // Its own caller sees a failure; the next driver must start all the same.
    this.#driver = result.catch(() => undefined);
    return result;
  }

  async #advanceTo(endMs: number): Promise<void> {
    await this.settle();
    for (
      let next = this.#queue.peek();
      next !== undefined && next.dueMs <= endMs;
      next = this.#queue.peek()
    ) {
      await this.#fireNextMoment();
      await this.settle();
    }
    this.#now = endMs;
  }

  /** A moment passes as it really does, but not beyond the next timer. */
  async #keepPace(): Promise<void> {
    const startMs = performance.now();
    await realStep();
    const passedMs = performance.now() - startMs;
    this.#now = Math.min(this.#now + passedMs, this.#queue.peek()?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  /** Fires all timers of the next due time, one turn of the event loop apart, as Node runs ticks between timers. */
  async #fireNextMoment(): Promise<void> {
    const moment = this.#queue.peek()?.dueMs;
    if (moment === undefined) return;
    this.#now = moment;
    for (let timer = this.#queue.peek(); timer?.dueMs === moment; timer = this.#queue.peek()) {
      this.#queue.pop();
      // Fired means no longer pending, and that this turn was not a quiet one.
      timer.cancelled = true;
      this.#order += 1;
      timer.callback();
      await turn();
    }
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#exclusively(async () => {
      for (await this.settle(); this.#auto && this.#queue.peek() !== undefined; await this.settle()) {
        await this.#fireNextMoment();
      }
    }).finally(() => {
      this.#pumping = false;
      if (this.#auto && this.#queue.peek() !== undefined) this.#pump();
    });
  }
}

/**
 * A clock whose time is virtual. What happens off the JavaScript thread (file reads, real sockets) is not waited for,
 * unless `realWork` tells of it.
 *
 * @example
 * const clock = createVirtualClock();
 * clock.setTimer(60_000, () => console.log("a minute later, at once"));
 * await clock.runUntilIdle();
 */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const clock = new VirtualTime(options);
  if (options.auto) clock.autoAdvance();
  return clock;
}
