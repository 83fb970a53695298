// Submissions that may come twice, as those of queues do: one key, one job. Keys are kept in memory, so a new process of
// the orchestrator knows none; the oldest go first, so that they cost no more than a few megabytes.

import { HttpError } from "./http-error.ts";

/** The header that names a submission. */
export const keyHeader = "Idempotency-Key";

/** A day of a submission each nine seconds. */
const mostKeys = 10_000;
const form = /^[\x21-\x7e]{1,256}$/;

export interface KeyedJob {
  readonly id: string;
  /** The key had a job already, or one that is being submitted just now. */
  readonly again: boolean;
}

export interface JobKeys {
  /**
   * Calls `submit` for a key that is new, and for none at all. A submission that fails leaves its key free. Throws
   * INVALID_ARGUMENT.
   */
  once(key: string | undefined, submit: () => Promise<string>): Promise<KeyedJob>;
}

export function createJobKeys(most = mostKeys): JobKeys {
  const jobs = new Map<string, Promise<string>>();
  return {
    async once(key, submit) {
      if (key === undefined) return { id: await submit(), again: false };
      if (!form.test(key)) {
        throw new HttpError("INVALID_ARGUMENT", `${keyHeader} is no key`, {
          hint: "1 to 256 visible characters of ASCII.",
        });
      }
      const known = jobs.get(key);
      if (known !== undefined) return { id: await known, again: true };
      const submitting = submit();
      jobs.set(key, submitting);
      const oldest = jobs.keys().next().value;
      if (jobs.size > most && oldest !== undefined) jobs.delete(oldest);
      try {
        return { id: await submitting, again: false };
      } catch (error) {
        if (jobs.get(key) === submitting) jobs.delete(key);
        throw error;
      }
    },
  };
}
