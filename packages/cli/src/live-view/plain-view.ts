// Progress without a terminal: a line for each change, none for what only counts on.

import type { JobHandle, JobSnapshot } from "@fnmesh/orchestrator";
import { progressLines } from "./progress-lines.ts";
import { type ProgressView, repeat, type ViewOptions } from "./progress-view.ts";

/** Often enough that the lines stand in the order in which things happened, for stages that last. */
const lookMs = 200;

export function plainView({ stream, clock }: Pick<ViewOptions, "stream" | "clock">): ProgressView {
  let job: Pick<JobHandle, "snapshot"> | undefined;
  let before: JobSnapshot | undefined;
  let stop: (() => void) | undefined;

  const print = (line: string) => stream.write(`${line}\n`);
  const look = () => {
    if (job === undefined) return;
    const now = job.snapshot();
    for (const line of progressLines(before, now)) print(line);
    before = now;
  };
  return {
    phase: print,
    follow(followed) {
      job = followed;
      look();
      stop ??= repeat(clock, lookMs, look);
    },
    log(line) {
      // What led to the line comes before it.
      look();
      print(line);
    },
    close() {
      stop?.();
      look();
      job = undefined;
    },
  };
}
