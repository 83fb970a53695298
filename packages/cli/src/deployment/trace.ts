// What of a deployment has been done so far: so that whoever interrupts it, or sees it fail, knows where it stands.

import type { Step } from "@fnmesh/providers";

export interface Trace {
  readonly begin: (step: Step) => void;
  /** Those that are certainly done: each was followed by another. */
  done(): readonly Step[];
  /** The one that was under way last: done, half done, or not. */
  last(): Step | undefined;
}

export function createTrace(): Trace {
  const begun: Step[] = [];
  return {
    begin: (step) => void begun.push(step),
    done: () => begun.slice(0, -1),
    last: () => begun.at(-1),
  };
}

const past: Readonly<Record<Step["action"], string>> = {
  create: "created",
  update: "changed",
  keep: "kept",
  remove: "removed",
};
const present: Readonly<Record<Step["action"], string>> = {
  create: "creating",
  update: "changing",
  keep: "keeping",
  remove: "removing",
};

export const nowText = ({ action, kind, name }: Step): string => `${present[action]} ${kind} ${name}`;
export const doneText = ({ action, kind, name }: Step): string => `${past[action]} ${kind} ${name}`;

/** What is told beside the error. `again`: the command that goes on from there. */
export function standing(trace: Pick<Trace, "done" | "last">, again: string): string {
  const last = trace.last();
  if (last === undefined) return `Nothing was changed. It can be repeated: ${again}`;
  const done = trace.done().map(doneText);
  const before = done.length === 0 ? "Before that nothing was changed" : `Done: ${done.join(", ")}`;
  return `It ended while ${nowText(last)}. ${before}. To go on from there, repeat it: ${again}`;
}
