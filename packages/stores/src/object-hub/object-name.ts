// What a job leaves in a store has one prefix, by which it is swept; the rest says who wrote it, in which attempt.

export const everyJob = "fnmesh/";

/** Job ids are 1-64 of a-z0-9: no id's prefix begins another's. */
export const prefixOf = (job: string): string => `${everyJob}${job}/`;

/** Says until when the job may write. */
export const leaseName = (job: string): string => `${prefixOf(job)}lease`;

export interface WriterId {
  readonly rank: number;
  readonly attempt: number;
}

export const objectName = (job: string, { rank, attempt }: WriterId, object: number): string =>
  `${prefixOf(job)}${rank}.${attempt}/${object}`;
