// The same progress for a log file or a pipe: one line for each change of status or stage, and nothing in between.
// Pure: two snapshots in, the lines between them out.

import type { JobSnapshot } from "@fnmesh/orchestrator";
import { oneLine } from "../text/columns.ts";
import { formatMs, plural } from "../text/format.ts";

/** What a reader of the log should learn, now that the job went from `before` to `now`. */
export function progressLines(before: JobSnapshot | undefined, now: JobSnapshot): string[] {
  return [...statusLines(before, now), ...now.stages.flatMap((stage, i) => stageLines(before, stage, i))];
}

function statusLines(before: JobSnapshot | undefined, { status, workers, elapsedMs }: JobSnapshot): string[] {
  if (before?.status === status) return [];
  if (status === "launching") return [`launching ${plural(workers.total, "worker")}`];
  if (status === "running")
    return [`running: all ${plural(workers.total, "worker")} joined after ${formatMs(elapsedMs)}`];
  return [];
}

type Stage = JobSnapshot["stages"][number];

/** A stage keeps its place in the list; its name alone may come twice. */
function stageLines(before: JobSnapshot | undefined, stage: Stage, place: number): string[] {
  const earlier = before?.stages[place];
  const lines: string[] = [];
  if (earlier === undefined) lines.push(`stage ${oneLine(stage.name)} begins`);
  if (isDone(stage) && !(earlier !== undefined && isDone(earlier))) {
    const retried = stage.retries > 0 ? `, ${plural(stage.retries, "retry", "retries")}` : "";
    lines.push(
      `stage ${oneLine(stage.name)} done: ${plural(stage.tasks, "task")}${retried} in ${formatMs(stage.ms)}`,
    );
  }
  return lines;
}

const isDone = ({ running, progress }: Stage) => running === 0 && progress >= 1;
