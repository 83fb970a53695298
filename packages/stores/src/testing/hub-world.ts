// What a test of a hub needs around it: notices between the workers, and ends of links that keep what comes.

import { EventEmitter, once } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import {
  type Clock,
  encodePeerHeader,
  type Hub,
  type Link,
  nodeClock,
  nodeEnv,
  noUsage,
  type PeerHeader,
  peerFrame,
  type StoreDriver,
  type StoreUsage,
} from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";
import { createTestLog, type TestLog } from "@fnmesh/core/testing";
import { createNoticeBoard } from "./notice-board.ts";

export interface HubWorldOptions {
  readonly driver: StoreDriver;
  readonly rung: StoreRung;
  readonly settings: unknown;
  readonly size?: number;
  readonly remainingMs?: () => number;
  readonly clock?: Clock;
}

/** A clock that runs faster, for waits that are long in life: a minute of it takes `60 / times` seconds. */
export const fastClock = (times: number): Clock => ({
  now: () => nodeClock.now() * times,
  setTimer: (delayMs, callback) => nodeClock.setTimer(delayMs / times, callback),
});

export interface TestWorker {
  readonly hub: Hub;
  readonly usage: StoreUsage;
  readonly log: TestLog;
  /** The end of the link to that worker; opens it. */
  end(rank: number, attempt?: number): TestEnd;
}

export interface HubWorld {
  readonly job: string;
  /** Rejects as the driver's `connect` does. */
  connect(
    rank: number,
    more?: { attempt?: number; settings?: unknown; signal?: AbortSignal },
  ): Promise<TestWorker>;
  /** Ends whatever is still there. */
  destroy(): void;
}

let jobs = 0;

export function createHubWorld(options: HubWorldOptions): HubWorld {
  const { driver, rung, size = 4, remainingMs = () => 60_000, clock = nodeClock } = options;
  jobs += 1;
  const job = `t${process.pid}x${jobs}`;
  const board = createNoticeBoard();
  const hubs: Hub[] = [];
  return {
    job,
    async connect(
      rank,
      { attempt = 1, settings = options.settings, signal = AbortSignal.timeout(30_000) } = {},
    ) {
      const usage = noUsage();
      const log = createTestLog();
      const env = { ...nodeEnv(), clock, log };
      const self = { rank, attempt };
      const notices = board.of(rank);
      const hub = await driver.connect({
        rung,
        settings,
        job,
        self,
        size,
        remainingMs,
        notices,
        usage,
        env,
        signal,
      });
      hubs.push(hub);
      return { hub, usage, log, end: (peer, of = 1) => new TestEnd(hub.open({ rank: peer, attempt: of })) };
    },
    destroy() {
      for (const hub of hubs) hub.destroy();
    },
  };
}

export interface SeenFrame {
  readonly header: PeerHeader;
  readonly payload: Uint8Array;
}

/** Keeps the frames that come, and writes as a session does: only while the link takes more. */
export class TestEnd {
  readonly link: Link;
  readonly frames: SeenFrame[] = [];
  /** Set once the link has ended. */
  closed: { readonly error: Error | undefined } | undefined;
  /** Called for each frame instead of keeping it. */
  onFrame: ((frame: SeenFrame) => void) | undefined;
  released = 0;
  readonly #events = new EventEmitter();

  constructor(link: Link) {
    this.link = link;
    link.attach(
      {
        place: (header) => Buffer.alloc(header.payloadBytes),
        frame: (header, payload) => {
          if (this.onFrame === undefined) this.frames.push({ header, payload });
          else this.onFrame({ header, payload });
          this.#events.emit("change");
        },
      },
      {
        onDrain: () => this.#events.emit("change"),
        onClose: (error) => {
          if (this.closed !== undefined) throw new Error("a link that was closed twice");
          this.closed = { error };
          this.#events.emit("change");
        },
      },
    );
  }

  /** One data frame, whatever the link says. */
  write(message: number, payload: Uint8Array = new Uint8Array(0)): void {
    const header = encodePeerHeader({ type: peerFrame.data, message, total: payload.length }, payload.length);
    this.link.write(header, payload, () => {
      this.released += 1;
      this.#events.emit("change");
    });
  }

  /** One data frame, as soon as the link takes it. Rejects when the link has ended. */
  async send(message: number, payload?: Uint8Array): Promise<void> {
    await this.until(() => this.link.writable || this.closed !== undefined);
    if (this.closed !== undefined) throw this.closed.error ?? new Error("the link was closed");
    this.write(message, payload);
  }

  /** Rejects when the link ends before the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.closed !== undefined) throw this.closed.error ?? new Error("the link was closed");
      await once(this.#events, "change");
    }
  }

  /** Resolves with the frames when there are so many. */
  async received(count: number): Promise<readonly SeenFrame[]> {
    await this.until(() => this.frames.length >= count);
    return this.frames;
  }

  /** Resolves with the error with which the link ends. */
  async end(): Promise<FnmeshError | undefined> {
    while (this.closed === undefined) await once(this.#events, "change");
    const { error } = this.closed;
    if (error !== undefined && !(error instanceof FnmeshError)) throw error;
    return error;
  }
}
