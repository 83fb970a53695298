// Calls to a control plane that are cut off: before they have their effect, or after it and before their answer.

export interface Interruptions {
  /** Calls that changed something, so far. */
  readonly mutations: number;
  /** The call that changes something and has this number from now on (from 0) is cut off. */
  interrupt(call: number, when: "before" | "after"): void;
  /** Does it, unless it is cut off: undefined then, and nothing is to be answered. */
  change<T>(effect: () => T): T | undefined;
}

export function createInterruptions(): Interruptions {
  let mutations = 0;
  let next: { call: number; readonly when: "before" | "after" } | undefined;
  return {
    get mutations() {
      return mutations;
    },
    interrupt(call, when) {
      next = { call, when };
    },
    change(effect) {
      const hit = next?.call === 0 ? next.when : undefined;
      if (next !== undefined) next = next.call === 0 ? undefined : { ...next, call: next.call - 1 };
      if (hit === "before") return undefined;
      mutations += 1;
      const done = effect();
      return hit === "after" ? undefined : done;
    },
  };
}
