// Counts over all jobs, living and ended: what a scrape shows must not go down when a job ends or is forgotten.

import type { JobHandle, JobReport, JobSnapshot, JobStatus } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";

type PathCounts = Readonly<Record<string, number>>;

export interface Tally {
  /** Jobs that have not ended, by status. */
  readonly live: Readonly<Record<"queued" | "launching" | "running", number>>;
  readonly ended: Readonly<Record<JobReport["job"]["status"], number>>;
  /** Of jobs that have not ended. */
  readonly workers: Readonly<Record<"launched" | "joined" | "finished", number>>;
  readonly pairs: PathCounts;
  readonly bytes: PathCounts;
}

export const emptyTally: Tally = {
  live: { queued: 0, launching: 0, running: 0 },
  ended: { succeeded: 0, failed: 0, cancelled: 0 },
  workers: { launched: 0, joined: 0, finished: 0 },
  pairs: {},
  bytes: {},
};

function sum<K extends string>(a: Readonly<Record<K, number>>, b: Readonly<Record<K, number>>) {
  const total: Record<string, number> = { ...a };
  for (const [key, count] of Object.entries<number>(b)) total[key] = (total[key] ?? 0) + count;
  return total as Record<K, number>;
}

export const addReport = (tally: Tally, { job, pairs, bytes }: JobReport): Tally => ({
  ...tally,
  ended: { ...tally.ended, [job.status]: tally.ended[job.status] + 1 },
  pairs: sum(tally.pairs, pairs),
  bytes: sum(tally.bytes, bytes),
});

const isLive = (status: JobStatus): status is keyof Tally["live"] => Object.hasOwn(emptyTally.live, status);

/** A job that is over but not reported yet counts with its pairs and bytes only. */
export const addSnapshot = (tally: Tally, { status, workers, pairs, bytes }: JobSnapshot): Tally => {
  const counted = { ...tally, pairs: sum(tally.pairs, pairs), bytes: sum(tally.bytes, bytes) };
  if (!isLive(status)) return counted;
  const { launched, joined, finished } = workers;
  return {
    ...counted,
    live: { ...tally.live, [status]: tally.live[status] + 1 },
    workers: sum(tally.workers, { launched, joined, finished }),
  };
};

export interface JobTally {
  now(): Tally;
  close(): void;
}

/** Follows an orchestrator's jobs from now on, and those that it has. */
export function createJobTally(orchestrator: Orchestrator): JobTally {
  const unreported = new Map<string, JobHandle>();
  let reported = emptyTally;

  const follow = (job: JobHandle): void => {
    if (unreported.has(job.id)) return;
    unreported.set(job.id, job);
    void job.report.then((report) => {
      unreported.delete(job.id);
      reported = addReport(reported, report);
    });
  };
  const close = orchestrator.onSubmit(follow);
  for (const job of orchestrator.jobs()) follow(job);

  return {
    now: () => [...unreported.values()].map((job) => job.snapshot()).reduce(addSnapshot, reported),
    close,
  };
}
