// A store in memory as its keeper sees it: jobs that have a lease, or have left something.

import type { StoreKeeper } from "@fnmesh/core/internal";
import type { StoreRung } from "@fnmesh/core/protocol";

export interface FakeKeeper extends StoreKeeper {
  /** Leases that stand, by job. */
  readonly leases: Map<string, number>;
  /** What was asked, in order: `lease a`, `sweep a`, `expired`. */
  readonly asked: string[];
}

export interface FakeKeeperOptions {
  readonly rungs?: readonly StoreRung[];
  /** Called with what is asked: throws, or waits, in the store's stead. */
  readonly before?: (asked: string) => Promise<void> | void;
}

export function fakeKeeper({ rungs = ["redis"], before }: FakeKeeperOptions = {}): FakeKeeper {
  const leases = new Map<string, number>();
  const asked: string[] = [];
  const ask = async (what: string) => {
    asked.push(what);
    await before?.(what);
  };
  return {
    rungs,
    leases,
    asked,
    lease: async (job, until) => {
      await ask(`lease ${job}`);
      leases.set(job, until);
    },
    sweep: async (job, usage) => {
      await ask(`sweep ${job}`);
      usage.lists += 1;
      leases.delete(job);
    },
    expired: async (now) => {
      await ask("expired");
      return [...leases].filter(([, until]) => until < now).map(([job]) => job);
    },
    close: async () => {},
  };
}
