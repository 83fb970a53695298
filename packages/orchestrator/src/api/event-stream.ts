// Server-sent events (WHATWG HTML, section 9.2) over a pull stream: nothing is subscribed to before the client reads,
// a slow client leaves events in the queue, and a client that has gone ends the subscription.

import type { JobEvent } from "../jobs/job.ts";
import { EventQueue, type QueuedEvent } from "./event-queue.ts";

export interface EventFeed {
  /** A job's event for the reader. */
  push(job: string, event: JobEvent): void;
  /** No more will come: the stream ends after what waits. */
  end(): void;
}

export interface EventStreamOptions {
  /** Called once, when the client begins to read. Returns the unsubscriber, which is called once. */
  readonly subscribe: (feed: EventFeed) => () => void;
  readonly heartbeatMs: number;
  readonly mostLogs: number;
  /** Ends the stream when the server closes. */
  readonly closing: AbortSignal;
}

const encoder = new TextEncoder();

/** One event as text. JSON holds no line break, so it is one `data` line. */
export const formatEvent = ({ job, event: { type, ...rest } }: QueuedEvent): string =>
  `event: ${type}\ndata: ${JSON.stringify({ job, ...rest })}\n\n`;

const heartbeat = ": still here\n\n";

/** Waits for one of: something pushed, the end, a silent `heartbeatMs`. */
class Reader {
  readonly #queue: EventQueue;
  readonly #heartbeatMs: number;
  #ended = false;
  #wake: (() => void) | undefined;

  constructor(mostLogs: number, heartbeatMs: number) {
    this.#queue = new EventQueue(mostLogs);
    this.#heartbeatMs = heartbeatMs;
  }

  push(job: string, event: JobEvent): void {
    if (this.#ended) return;
    this.#queue.push(job, event);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  /** The next text for the client; undefined after the last. */
  async next(): Promise<string | undefined> {
    if (this.#queue.isEmpty && !this.#ended) await this.#wait();
    if (!this.#queue.isEmpty) return this.#queue.takeAll().map(formatEvent).join("");
    return this.#ended ? undefined : heartbeat;
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#heartbeatMs);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** The body of a text/event-stream response. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  const { subscribe, heartbeatMs, mostLogs, closing } = options;
  const reader = new Reader(mostLogs, heartbeatMs);
  let unsubscribe: (() => void) | undefined;
  let stopped = false;
  const end = (): void => reader.end();
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    closing.removeEventListener("abort", end);
    unsubscribe?.();
    reader.end();
  };
  const begin = (): void => {
    unsubscribe = subscribe({ push: (job, event) => reader.push(job, event), end });
    if (closing.aborted) end();
    else closing.addEventListener("abort", end, { once: true });
  };

  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (unsubscribe === undefined) begin();
        const text = await reader.next();
        if (stopped) return; // the client went while this waited
        if (text !== undefined) return controller.enqueue(encoder.encode(text));
        stop();
        controller.close();
      },
      cancel: stop,
    },
    { highWaterMark: 0 },
  );
}
