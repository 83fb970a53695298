// How the API looks at a job: whether it exists, whether it has ended, and what of it goes into JSON.

import type { JobHandle, JobReport, JobSnapshot } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { HttpError } from "./http-error.ts";

/** Null while anything of the job runs. */
export const reportOf = (job: JobHandle): Promise<JobReport | null> =>
  Promise.race([job.report, Promise.resolve(null)]);

export interface JobView {
  readonly job: JobSnapshot;
  readonly report: JobReport | null;
}

export const viewJob = async (job: JobHandle): Promise<JobView> => ({
  job: job.snapshot(),
  report: await reportOf(job),
});

/** Throws JOB_NOT_FOUND. */
export function existingJob(orchestrator: Orchestrator, id: string): JobHandle {
  const job = orchestrator.job(id);
  if (job !== undefined) return job;
  throw new HttpError("JOB_NOT_FOUND", "there is no job with this id", { hint: "GET /jobs lists them." });
}
