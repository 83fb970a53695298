// A Lambda function that starts jobs: from new objects in S3, messages in SQS, or HTTP requests. The user writes which job
// an item is; what is delivered twice starts one job, and what fails comes again by AWS's own rules.

import { FnmeshError } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import { type Keyed, readEvent, type TriggerItem } from "./trigger-items.ts";
import { type BundledJob, type JobWish, type OrchestratorAccess, submitJob } from "./trigger-submit.ts";

export type { HttpItem, S3Item, SqsItem, TriggerItem } from "./trigger-items.ts";
export type { BundledJob, JobWish } from "./trigger-submit.ts";

export interface TriggerOptions {
  /** The address of its API, as `https://fnmesh.example:7421`. */
  readonly orchestrator: string | undefined;
  /** The API's. */
  readonly token: string | undefined;
  /** As `fnmesh trigger` bundles it. */
  readonly job: BundledJob;
  /** What runs for this item; undefined: nothing. */
  readonly map: (item: TriggerItem) => JobWish | undefined | Promise<JobWish | undefined>;
}

export interface TriggerContext {
  getRemainingTimeInMillis(): number;
}

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
export type TriggerHandler = (event: unknown, context: TriggerContext) => Promise<TriggerAnswer>;

/** What is not through by then is told as failed, while it still can be. */
const lastWordsMs = 1_000;
/** Submissions at once: an event of SQS may have thousands of messages. */
const atOnce = 8;

/** What the caller did wrong; all else is the orchestrator's, or between. */
const badRequests: ReadonlySet<string> = new Set(["INVALID_ARGUMENT", "INPUT_NOT_FOUND", "LIMIT", "USAGE"]);

/**
 * A handler for Lambda. It submits and does not wait for the job's end.
 *
 * - S3: rejects when an object's job was not taken, so that Lambda delivers the event again.
 * - SQS: answers which messages have failed; the event source needs `ReportBatchItemFailures`.
 * - HTTP: 202 with `{ id }`, 204 where `map` wants nothing, 400 or 503 with `{ error }`. A request with the header
 *   `Idempotency-Key` may be sent again. Whoever may call the URL may start jobs: give it an authoriser.
 *
 * Throws INVALID_ARGUMENT where there is no address.
 *
 * @example
 * import job from "./job.json" with { type: "json" };
 *
 * export const handler = trigger({
 *   orchestrator: process.env.FNMESH_ORCHESTRATOR,
 *   token: process.env.FNMESH_TOKEN,
 *   job,
 *   map: (item) => (item.from === "s3" ? { workers: 16, provider: "aws", input: [item.source] } : undefined),
 * });
 */
export function trigger({ orchestrator, token, job, map }: TriggerOptions): TriggerHandler {
  if (!/^https?:\/\/./.test(orchestrator ?? "")) {
    throw new FnmeshError("INVALID_ARGUMENT", "a trigger needs the address of an orchestrator", {
      hint: "Set FNMESH_ORCHESTRATOR in the function's environment: https://host:port",
    });
  }
  const access: OrchestratorAccess = { orchestrator: orchestrator!, token };

  return async (event, context) => {
    const read = readEvent(event);
    if (read === undefined) throw unknownEvent();
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - lastWordsMs));
    const start = async ({ key, item }: Keyed): Promise<string | undefined> => {
      const wish = await inTime(map(item), signal);
      return wish === undefined ? undefined : await submitJob(access, { job, wish, key, signal });
    };
    const results = await settleSome(read.items, start);
    if (read.kind === "sqs")
      return batchAnswer(
        read.items.map(({ item }) => item.id),
        results,
      );
    if (read.kind === "http") return httpAnswer(results[0]!);
    return s3Answer(results);
  };
}

/** The user's own part may take longer than there is time. */
async function inTime<T>(work: T | Promise<T>, signal: AbortSignal): Promise<T> {
  const over = new Promise<never>((_, reject) => {
    const late = () =>
      reject(new FnmeshError("DEADLINE", "the function's time was over", { hint: "Give it more time." }));
    if (signal.aborted) late();
    else signal.addEventListener("abort", late, { once: true });
  });
  over.catch(() => {}); // It comes too late for whoever was in time.
  return await Promise.race([work, over]);
}

const unknownEvent = () =>
  new FnmeshError("INVALID_ARGUMENT", "an event that is none of S3, SQS or HTTP", {
    hint: "HTTP comes from a Function URL, or from an API of API Gateway with payload format 2.0.",
  });

type Result = PromiseSettledResult<string | undefined>;

/** As Promise.allSettled, a few at a time. */
async function settleSome<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<string | undefined>,
): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (let at = 0; at < items.length; at += atOnce) {
    results.push(...(await Promise.allSettled(items.slice(at, at + atOnce).map(act))));
  }
  return results;
}

function batchAnswer(ids: readonly string[], results: readonly Result[]): BatchAnswer {
  const failed = results.flatMap((result, index) => {
    if (result.status === "fulfilled") return [];
    console.error(`message ${ids[index]}: ${textOf(result.reason)}`);
    return [{ itemIdentifier: ids[index]! }];
  });
  return { batchItemFailures: failed };
}

function httpAnswer(result: Result): HttpAnswer {
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
function s3Answer(results: readonly Result[]): { readonly jobs: readonly string[] } {
  for (const result of results) if (result.status === "rejected") throw result.reason;
  const jobs = results.map((result) => (result as PromiseFulfilledResult<string | undefined>).value);
  return { jobs: jobs.filter((id) => id !== undefined) };
}

const textOf = (thrown: unknown): string => {
  const { code, message, hint } = toFnmeshError(thrown, "INTERNAL");
  return [`${code}: ${message}`, ...(hint === undefined ? [] : [hint])].join("\n");
};
