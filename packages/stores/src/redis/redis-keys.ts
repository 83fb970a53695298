// The names of a job's keys. The braces are Redis Cluster's hash tag: all keys of a job are on one node.

/** Beyond the job's deadline: a worker that ends late still finds its inbox, and no key outlives a crash for long. */
const marginMs = 60_000;
const mostTtlMs = 30 * 24 * 3600 * 1000;

const ofJob = (job: string, rest: string): string => `fnmesh:{${job}}:${rest}`;

/** A stream: whoever sends to that worker appends, and only that worker reads. */
export const inboxKey = (job: string, rank: number, attempt: number): string =>
  ofJob(job, `inbox:${rank}:${attempt}`);

/** A random text, set by the first worker to come: as long as it is there, nothing was lost. */
export const markerKey = (job: string): string => ofJob(job, "marker");

/** Until when the job may write, as milliseconds since 1970. */
export const leaseKey = (job: string): string => ofJob(job, "lease");

/** For SCAN MATCH: job ids are the orchestrator's own, but a pattern must never match more than it says. */
export const keysOfJob = (job: string): string => ofJob(job.replace(/[\\*?[\]^]/g, "\\$&"), "*");

export const leasePattern = "fnmesh:{*}:lease";

export const jobOfLease = (key: string): string | undefined => /^fnmesh:\{(.+)\}:lease$/.exec(key)?.[1];

export const ttlMs = (remainingMs: number): number =>
  Math.round(Math.min(Math.max(remainingMs, 0) + marginMs, mostTtlMs));
