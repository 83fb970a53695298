// What a trigger answers to those who have called it, in the form that each of them takes; and what it says in its log.

import { FnmeshError } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";

/** What an SQS event source with `ReportBatchItemFailures` takes. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type TriggerAnswer = BatchAnswer | HttpAnswer | { readonly jobs: readonly string[] };

/** What became of one item: a job's id, or nothing where none was wanted. */
export type Result = PromiseSettledResult<string | undefined>;

/** What the caller did wrong; all else is the orchestrator's, or between. */
const badRequests: ReadonlySet<string> = new Set(["INVALID_ARGUMENT", "INPUT_NOT_FOUND", "LIMIT", "USAGE"]);

export function batchAnswer(ids: readonly string[], results: readonly Result[]): BatchAnswer {
  const failed = results.flatMap((result, index) => {
    if (result.status === "fulfilled") return [];
    console.error(`message ${ids[index]}: ${textOf(result.reason)}`);
    return [{ itemIdentifier: ids[index]! }];
  });
  return { batchItemFailures: failed };
}

export function httpAnswer(result: Result): HttpAnswer {
  const headers = { "content-type": "application/json" };
  if (result.status === "fulfilled") {
    const id = result.value;
    return id === undefined
      ? { statusCode: 204, headers: {}, body: "" }
      : { statusCode: 202, headers, body: JSON.stringify({ id }) };
  }
  // The caller may be anybody: of what is not theirs they are told no more than that it failed.
  console.error(textOf(result.reason));
  const { code, message } = toFnmeshError(result.reason, "INTERNAL");
  const theirs = badRequests.has(code);
  const error = theirs ? { code, message } : { code: "ORCHESTRATOR_UNAVAILABLE", message: "try again later" };
  return { statusCode: theirs ? 400 : 503, headers, body: JSON.stringify({ error }) };
}

/** Throws the first failure: those that were started are not started again by the next delivery. */
export function s3Answer(results: readonly Result[]): { readonly jobs: readonly string[] } {
  for (const result of results) if (result.status === "rejected") throw result.reason;
  const jobs = results.map((result) => (result as PromiseFulfilledResult<string | undefined>).value);
  return { jobs: jobs.filter((id) => id !== undefined) };
}

/** With where it was thrown, unless it is an error of fnmesh's: those say it in words. */
function textOf(thrown: unknown): string {
  const { code, message, hint } = toFnmeshError(thrown, "INTERNAL");
  const isForeign = thrown instanceof Error && !(thrown instanceof FnmeshError);
  const places = isForeign ? (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line)) : [];
  return [`${code}: ${message}`, ...places, ...(hint === undefined ? [] : [hint])].join("\n");
}
