// The stages of a job as its workers tell of them. Pure: time is given.

import type { JobSnapshot, StageReport } from "./job.ts";

/** A job that names a stage for each item would fill memory and page: what comes after this many is not shown. */
const mostStages = 200;

interface Stage {
  readonly name: string;
  tasks: number;
  ended: number;
  readonly beganAt: number;
  endedAt: number;
  /** Done shares by rank, of the tasks that run. */
  readonly running: Map<number, number>;
}

export class StageTimes {
  readonly #stages = new Map<string, Stage>();
  /** By rank, the stages that it is in, the innermost last. */
  readonly #open = new Map<number, string[]>();

  begin(rank: number, name: string, nowMs: number): void {
    const stage = this.#stage(name, nowMs);
    if (stage === undefined) return;
    stage.tasks += 1;
    stage.running.set(rank, 0);
    this.#open.set(rank, [...(this.#open.get(rank) ?? []), name].slice(-mostStages));
  }

  end(rank: number, name: string, nowMs: number): void {
    const open = this.#open.get(rank) ?? [];
    const at = open.lastIndexOf(name);
    const stage = this.#stages.get(name);
    if (at < 0 || stage === undefined) return;
    this.#open.set(rank, open.toSpliced(at, 1));
    if (!open.toSpliced(at, 1).includes(name)) stage.running.delete(rank);
    stage.ended += 1;
    stage.endedAt = nowMs;
  }

  /** How much of its innermost stage a worker has done. */
  progress(rank: number, done: number, total: number): void {
    const name = this.#open.get(rank)?.at(-1);
    const stage = name === undefined ? undefined : this.#stages.get(name);
    stage?.running.set(rank, total > 0 ? Math.min(1, Math.max(0, done / total)) : 0);
  }

  snapshot(workers: number, nowMs: number): JobSnapshot["stages"] {
    return [...this.#stages.values()].map((stage) => ({
      ...report(stage, nowMs),
      running: stage.running.size,
      progress: progressOf(stage, workers),
    }));
  }

  report(nowMs: number): readonly StageReport[] {
    return [...this.#stages.values()].map((stage) => report(stage, nowMs));
  }

  #stage(name: string, nowMs: number): Stage | undefined {
    const known = this.#stages.get(name);
    if (known !== undefined || this.#stages.size >= mostStages) return known;
    const stage: Stage = { name, tasks: 0, ended: 0, beganAt: nowMs, endedAt: nowMs, running: new Map() };
    this.#stages.set(name, stage);
    return stage;
  }
}

function report(stage: Stage, nowMs: number): StageReport {
  const until = stage.running.size > 0 ? nowMs : stage.endedAt;
  return { name: stage.name, tasks: stage.tasks, retries: 0, ms: Math.round(until - stage.beganAt) };
}

/** Of all tasks that are to be expected: one for each worker, or more if more have begun. */
function progressOf(stage: Stage, workers: number): number {
  const shares = [...stage.running.values()].reduce((sum, share) => sum + share, stage.ended);
  return Math.min(1, shares / Math.max(workers, stage.tasks));
}
