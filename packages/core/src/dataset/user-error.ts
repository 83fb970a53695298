// An error of the user's own function, with where it happened.

import { FnmeshError } from "../errors/errors.ts";

/** JOB_THREW with the operation, the worker and the record; the stack is the user's. */
export function userError(label: string, rank: number, record: number, thrown: unknown): FnmeshError {
  if (thrown instanceof FnmeshError && thrown.code !== "INVALID_ARGUMENT") return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const error = new FnmeshError("JOB_THREW", `${label}, record ${record} of worker ${rank}: ${message}`, {
    cause: thrown,
    rank,
    hint: "The function given to the dataset threw. Records count from 0 in what came to this operation on that worker.",
  });
  const frames = thrown instanceof Error ? /(^|\n)\s+at .*/s.exec(thrown.stack ?? "")?.[0] : undefined;
  if (frames !== undefined) error.stack = `${error.name}: ${error.message}\n${frames.replace(/^\n/, "")}`;
  return error;
}
