// Ctrl-C and its kin: the first asks the job to end and everything to be cleaned up, the second means now.

import { FnmeshError } from "@fnmesh/core";
import type { Clock } from "@fnmesh/core/internal";

/** SIGHUP: the terminal is gone, so nobody waits for the job. */
const interrupting = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
type InterruptSignal = (typeof interrupting)[number];

/**
 * One Ctrl-C may come twice: the terminal sends it to every process of the command, and npx and our own outer process
 * pass theirs on. No hand is faster than this.
 */
const sameKeyMs = 250;

export interface SignalSource {
  on(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
  off(signal: InterruptSignal, listener: (signal: InterruptSignal) => void): unknown;
}

export interface Interrupts {
  /** Aborted by the first interrupt; its reason is a CANCELLED error. */
  readonly signal: AbortSignal;
  /** As if the signal had come: from the outer process, or because it is gone. */
  interrupt(by: string): void;
  /** Listens no more. May be called twice. */
  close(): void;
}

/**
 * Listens for interrupts until `close`. `force` is called for each one after the first.
 *
 * @example
 * const interrupts = watchInterrupts({ source: process, clock, force: () => process.exit(130) });
 */
export function watchInterrupts(options: {
  readonly source: SignalSource;
  readonly clock: Clock;
  readonly force: () => void;
}): Interrupts {
  const { source, clock, force } = options;
  const controller = new AbortController();
  let lastMs = Number.NEGATIVE_INFINITY;

  const interrupt = (by: string) => {
    const now = clock.now();
    if (now - lastMs < sameKeyMs) return;
    lastMs = now;
    if (controller.signal.aborted) return force();
    controller.abort(new FnmeshError("CANCELLED", `interrupted by ${by}`));
  };
  for (const name of interrupting) source.on(name, interrupt);
  return {
    signal: controller.signal,
    interrupt,
    close() {
      for (const name of interrupting) source.off(name, interrupt);
    },
  };
}
