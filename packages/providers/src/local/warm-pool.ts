// Containers that have done their work and wait for another invocation, as a cloud keeps them for some minutes.

import type { Container } from "./container.ts";

export interface WarmLimits {
  /** How many wait at most; more are ended. */
  readonly most: number;
  /** How long one waits before it is ended, milliseconds. */
  readonly idleMs: number;
}

export interface WarmPool {
  /** A waiting container of the same make, the one that was used last. */
  take(make: string): Container | undefined;
  /** False: there is no room, and the caller keeps the container. */
  put(make: string, container: Container): boolean;
}

interface Waiting {
  readonly make: string;
  readonly container: Container;
  readonly idle: NodeJS.Timeout;
}

export function createWarmPool({ most, idleMs }: WarmLimits): WarmPool {
  const waiting: Waiting[] = [];
  const remove = (one: Waiting) => {
    const at = waiting.indexOf(one);
    if (at >= 0) waiting.splice(at, 1);
    clearTimeout(one.idle);
  };
  const evict = (one: Waiting) => {
    remove(one);
    one.container.kill();
  };

  return {
    take(make) {
      const found = waiting.findLast((one) => one.make === make);
      if (found !== undefined) remove(found);
      return found?.container;
    },
    put(make, container) {
      if (most < 1) return false;
      const one: Waiting = { make, container, idle: setTimeout(() => evict(one), idleMs).unref() };
      waiting.push(one);
      void container.ended.then(() => remove(one));
      if (waiting.length > most) evict(waiting[0]!);
      return true;
    },
  };
}
