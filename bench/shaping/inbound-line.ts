// The way into a function, as one line for all of its connections: what came is handed on when it would have passed the
// line at its rate, and a latency later; in order, and never in the way of what comes meanwhile.

import type { Clock } from "@fnmesh/core/internal";

export interface LineModel {
  readonly bytesPerSecond: number;
  /** From one function to another. */
  readonly latencyMs: number;
}

export interface InboundLine {
  /** Calls `deliver` when so many bytes have come over the line, after everything that was carried before. */
  carry(bytes: number, deliver: () => void): void;
}

interface OnItsWay {
  readonly dueMs: number;
  readonly deliver: () => void;
}

/** Node's timers count whole milliseconds: what is due so soon is due, or every wait would be too long. */
const earlyMs = 0.5;

export function createInboundLine(clock: Clock, { bytesPerSecond, latencyMs }: LineModel): InboundLine {
  const line: OnItsWay[] = [];
  let passedAt = Number.NEGATIVE_INFINITY;

  const arm = () => void clock.setTimer(line[0]!.dueMs - clock.now(), arrive);
  function arrive(): void {
    const now = clock.now();
    while (line.length > 0 && line[0]!.dueMs <= now + earlyMs) line.shift()!.deliver();
    if (line.length > 0) arm();
  }

  return {
    carry(bytes, deliver) {
      passedAt = Math.max(passedAt, clock.now()) + (bytes * 1000) / bytesPerSecond;
      line.push({ dueMs: passedAt + latencyMs, deliver });
      if (line.length === 1) arm();
    },
  };
}
