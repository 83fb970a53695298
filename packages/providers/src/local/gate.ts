// At most so many at once; the others wait in order. Starting a Node process is mostly processor time: starting all
// workers at the same moment would make each of them late.

import { FnmeshError } from "@fnmesh/core";

export interface Gate {
  /** Resolves with the function that gives the place back (calling it twice does no harm). Rejects with CANCELLED. */
  enter(signal: AbortSignal): Promise<() => void>;
}

const cancelled = (signal: AbortSignal) =>
  new FnmeshError("CANCELLED", "the launch was cancelled while it waited for its turn", {
    cause: signal.reason,
  });

export function createGate(places: number): Gate {
  let free = places;
  const waiting = new Set<() => void>();

  const occupy = (): (() => void) => {
    let mine = true;
    free -= 1;
    return () => {
      if (!mine) return;
      mine = false;
      free += 1;
      const [next] = waiting;
      next?.();
    };
  };

  return {
    async enter(signal) {
      if (signal.aborted) throw cancelled(signal);
      if (free > 0 && waiting.size === 0) return occupy();
      return await new Promise<() => void>((resolve, reject) => {
        const leave = () => {
          waiting.delete(next);
          signal.removeEventListener("abort", giveUp);
        };
        const giveUp = () => {
          leave();
          reject(cancelled(signal));
        };
        const next = () => {
          leave();
          resolve(occupy());
        };
        waiting.add(next);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
  };
}
