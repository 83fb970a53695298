// What the shell is told. Each error code has one exit code; a job's own failures are never blamed on the usage.

import type { ErrorCode } from "@fnmesh/core";
import type { JobReport } from "@fnmesh/orchestrator";

/** 0 succeeded, 1 the job failed, 2 bad usage or input, 3 orchestrator or provider unavailable, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

/** By code, for an error that fnmesh itself reports. A new ErrorCode does not compile until it stands here. */
const byCode: Readonly<Record<ErrorCode, ExitCode>> = {
  USAGE: 2,
  INPUT_NOT_FOUND: 2,
  INPUT_UNREADABLE: 2,
  OUTPUT_UNWRITABLE: 2,
  JOB_NOT_FOUND: 2,
  JOB_COMPILE: 2,
  JOB_INVALID: 2,
  LIMIT: 2,
  UNKNOWN_NAT_PROFILE: 2,
  UNKNOWN_PROVIDER: 2,
  UNKNOWN_CHANNEL: 2,
  INVALID_ARGUMENT: 2,
  PORT_IN_USE: 3,
  ORCHESTRATOR_UNAVAILABLE: 3,
  PROVIDER_UNAVAILABLE: 3,
  LAB_UNAVAILABLE: 3,
  LAB_SELF_TEST: 3,
  NOT_DEPLOYED: 3,
  DEPLOY_FAILED: 3,
  PLATFORM_AUTH: 3,
  THROTTLED: 3,
  INIT_FAILED: 3,
  LAUNCH_FAILED: 3,
  JOIN_TIMEOUT: 3,
  JOB_THREW: 1,
  WORKER_LOST: 1,
  WORKER_TIMEOUT: 1,
  OUT_OF_MEMORY: 1,
  CANCELLED: 130,
  STORE_UNAVAILABLE: 1,
  STORE_AUTH: 1,
  STORE_FULL: 1,
  STORE_LOST: 1,
  PEER_LOST: 1,
  PEER_FINISHED: 1,
  NO_PATH: 1,
  DEADLINE: 1,
  CLOSED: 1,
  MESSAGE_TOO_LARGE: 1,
  NOT_SERIALIZABLE: 1,
  PROTOCOL: 1,
  FRAME_TOO_LARGE: 1,
  TRUNCATED: 1,
  // What keeps a command out: the orchestrator refuses its token, or is of another release.
  VERSION: 3,
  AUTH: 3,
  DUPLICATE: 1,
  INTERNAL: 1,
};

/** What a person gave and only a worker could find out: these stay "bad input" when a rank reports them. */
const inputFoundByWorkers: ReadonlySet<ErrorCode> = new Set(["JOB_INVALID", "INPUT_UNREADABLE"]);

/** Between workers these are a job's own trouble: everything that it needs is there. */
const betweenWorkers: ReadonlySet<ErrorCode> = new Set(["VERSION", "AUTH"]);

/**
 * The exit code for an error. One that a worker met (it has a rank) is the job's failure, even where the same code from
 * the command line would be bad usage: `peers.send(99, …)` in a job is INVALID_ARGUMENT and exits with 1.
 */
export function exitCodeOfError(error: {
  readonly code: ErrorCode;
  readonly rank?: number | undefined;
}): ExitCode {
  // A newer orchestrator may know codes that this table does not.
  const code: ExitCode | undefined = byCode[error.code];
  if (code === undefined) return 1;
  if (error.rank === undefined) return code;
  if (code === 2 && !inputFoundByWorkers.has(error.code)) return 1;
  return betweenWorkers.has(error.code) ? 1 : code;
}

export function exitCodeOfReport(report: Pick<JobReport, "error"> & { job: { status: string } }): ExitCode {
  if (report.job.status === "succeeded") return 0;
  if (report.job.status === "cancelled") return 130;
  return report.error === null ? 1 : exitCodeOfError(report.error);
}
