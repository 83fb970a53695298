// Streams over a way: what comes in goes out at the way's rate and a latency later, with never more in between than a
// real line would hold. For `stream.pipeline`.

import type { Clock } from "@fnmesh/core/internal";
import { until } from "./waiting.ts";
import { quantumBytes, type Way } from "./way.ts";

type Bytes = AsyncIterable<Uint8Array>;

/** A step of a pipeline. Each stream has one piece in the way's queue at most, so that streams on one way take turns. */
export const overWay = (way: Way, clock: Clock) => (source: Bytes, options?: { signal?: AbortSignal }) => {
  const sent = send(source, way, clock, options?.signal);
  return way.latencyMs === 0 ? sent : arrive(sent, way, clock, options?.signal);
};

async function* send(
  source: Bytes,
  way: Way,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    for (let offset = 0; offset < chunk.length; offset += quantumBytes) {
      const piece = chunk.subarray(offset, offset + quantumBytes);
      await until(clock, way.send(piece.length, clock.now()), signal);
      yield piece;
    }
  }
}

interface OnItsWay {
  readonly piece: Uint8Array;
  readonly arrivesAt: number;
}

/** Reads ahead what is on its way, and gives each piece out when it arrives. */
async function* arrive(
  sent: Bytes,
  way: Way,
  clock: Clock,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const line: OnItsWay[] = [];
  let heldBytes = 0;
  let ended = false;
  let wake = () => {};
  let resume = () => {};
  const change = () => new Promise<void>((resolve) => (wake = resolve));
  const reading = (async () => {
    for await (const piece of sent) {
      line.push({ piece, arrivesAt: clock.now() + way.latencyMs });
      heldBytes += piece.length;
      wake();
      while (heldBytes > way.holdsBytes && !ended) await new Promise<void>((resolve) => (resume = resolve));
      if (ended) return;
    }
  })().finally(() => {
    ended = true;
    wake();
  });
  reading.catch(() => {}); // Thrown below, once all that came before has been given out.
  try {
    for (;;) {
      const next = line.shift();
      if (next === undefined) {
        if (ended) break;
        await change();
        continue;
      }
      await until(clock, next.arrivesAt, signal);
      yield next.piece;
      heldBytes -= next.piece.length;
      resume();
    }
    await reading;
  } finally {
    ended = true;
    resume();
  }
}

/** A step of a pipeline that tells how much passes. */
export const counted = (count: (bytes: number) => void) =>
  async function* (source: Bytes): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      count(chunk.length);
      yield chunk;
    }
  };
