// The jobs that a container has loaded, by the hash of their code: a warm start needs no download.

import type { LoadedJob } from "../job/load-job.ts";

export interface CodeCache {
  readonly hashes: readonly string[];
  get(hash: string): LoadedJob | undefined;
  put(hash: string, job: LoadedJob): void;
}

/** Oldest out first: a container that serves many jobs must not grow. */
const mostJobs = 8;

export function createCodeCache(): CodeCache {
  const jobs = new Map<string, LoadedJob>();
  return {
    get hashes() {
      return [...jobs.keys()];
    },
    get: (hash) => jobs.get(hash),
    put(hash, job) {
      jobs.set(hash, job);
      const oldest = jobs.keys().next().value;
      if (jobs.size > mostJobs && oldest !== undefined) jobs.delete(oldest);
    },
  };
}
