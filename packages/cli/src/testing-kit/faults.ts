// Makes happen what a test wants to go wrong, when it wants it.

import type { VirtualClock, VirtualHost, VirtualLab } from "@fnmesh/core/testing";
import type { InProcessWorker } from "./in-process-provider.ts";
import { type Fault, ranksOf } from "./options.ts";

export interface FaultPlan {
  /** The job is submitted now. */
  submitted(): void;
  launched(worker: InProcessWorker): void;
  stageBegun(rank: number, name: string): void;
}

export function planFaults(
  faults: readonly Fault[],
  { clock, lab }: { readonly clock: VirtualClock; readonly lab: VirtualLab },
): FaultPlan {
  const alive = new Map<number, InProcessWorker>();
  const todo = new Set(faults);

  function happen(fault: Fault): void {
    // Who is to be killed from the start and is not there yet is killed when it is.
    if ("kill" in fault && !alive.has(fault.kill)) return;
    if (!todo.delete(fault)) return;
    if ("kill" in fault) alive.get(fault.kill)!.kill();
    else if ("unplug" in fault) lab.network.cut(lab.workers[fault.unplug]!);
    else part(lab, fault.part);
  }

  return {
    submitted() {
      for (const fault of faults) {
        if (fault.at === undefined) happen(fault);
        else if ("ms" in fault.at) clock.schedule(fault.at.ms, () => happen(fault));
      }
    },
    launched(worker) {
      alive.set(worker.rank, worker);
      void worker.over.then(() => {
        if (alive.get(worker.rank) === worker) alive.delete(worker.rank);
      });
      for (const fault of todo) {
        if (fault.at === undefined && ranksOf(fault).includes(worker.rank)) happen(fault);
      }
    },
    stageBegun(rank, name) {
      for (const fault of todo) {
        const here = fault.at !== undefined && "stage" in fault.at && fault.at.stage === name;
        if (here && ranksOf(fault).includes(rank)) happen(fault);
      }
    },
  };
}

function part(lab: VirtualLab, [rank, other]: readonly [number, number]): void {
  const two: readonly (VirtualHost | undefined)[] = [lab.workers[rank], lab.workers[other]];
  lab.network.fault((_segment, from, to) => two.includes(from) && two.includes(to));
}
