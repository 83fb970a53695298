// The door `fnmesh/testing`: for the tests of whoever writes jobs.

export type { JobReport } from "@fnmesh/orchestrator";
export type { TestText } from "./input.ts";
export type { Fault, FaultMoment, NatProfile, RunJobOptions } from "./options.ts";
export { type FailedJobError, type JobLog, type JobRun, runJob } from "./run-job.ts";
