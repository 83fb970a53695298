// A Lambda function that starts jobs: from new objects in S3, messages in SQS, or HTTP requests. The user writes which job
// an item is; what is delivered twice starts one job, and what fails comes again by AWS's own rules.

import { FnmeshError } from "@fnmesh/core";
import { batchAnswer, httpAnswer, type Result, s3Answer, type TriggerAnswer } from "./answers.ts";
import { type Keyed, readEvent, type TriggerItem } from "./items.ts";
import { type Kept, kept } from "./kept.ts";
import { type BundledJob, type JobWish, type OrchestratorAccess, submitJob } from "./submit.ts";
import { presetMap, withPresets } from "./wish.ts";

export type { BatchAnswer, HttpAnswer, TriggerAnswer } from "./answers.ts";
export type { HttpItem, S3Item, SqsItem, TriggerItem } from "./items.ts";
export { type Kept, kept } from "./kept.ts";
export type { BundledJob, JobWish } from "./submit.ts";
export { presetMap } from "./wish.ts";

/** What runs for this item; undefined: nothing. */
export type TriggerMap = (item: TriggerItem) => JobWish | undefined | Promise<JobWish | undefined>;

export interface TriggerOptions {
  /** The address of its API, as `https://fnmesh.example:7421`. */
  readonly orchestrator: string | undefined;
  /** The API's: itself, or where it is kept. */
  readonly token: string | Kept | undefined;
  /** The API's, as PEM, where none of the well-known authorities has signed it. */
  readonly certificate?: string | Kept | undefined;
  /** As `fnmesh trigger` bundles it. */
  readonly job: BundledJob;
  /** Of what `map` leaves out. */
  readonly presets?: JobWish;
  /** Default: `presetMap`. */
  readonly map?: TriggerMap;
}

export interface TriggerContext {
  getRemainingTimeInMillis(): number;
}

export type TriggerHandler = (event: unknown, context: TriggerContext) => Promise<TriggerAnswer>;

/** What is not through by then is told as failed, while it still can be. */
const lastWordsMs = 1_000;
/** Submissions at once: an event of SQS may have thousands of messages. */
const atOnce = 8;

/** After these a token, or a certificate, may have been replaced by another one. */
const accessTroubles: ReadonlySet<string> = new Set(["AUTH", "ORCHESTRATOR_UNAVAILABLE"]);

/**
 * A handler for Lambda, as `fnmesh trigger` makes one with all around it. It submits and does not wait for the job's end.
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
 *   token: kept(process.env.FNMESH_TOKEN_SECRET),
 *   job,
 *   presets: { workers: 16, provider: "aws" },
 *   map: (item) => (item.from === "s3" ? { input: [item.source] } : undefined),
 * });
 */
export function trigger(options: TriggerOptions): TriggerHandler {
  const { orchestrator, token, certificate, job, presets = {}, map = presetMap } = options;
  if (!/^https?:\/\/./.test(orchestrator ?? "")) {
    throw new FnmeshError("INVALID_ARGUMENT", "a trigger needs the address of an orchestrator", {
      hint: "Set FNMESH_ORCHESTRATOR in the function's environment: https://host:port",
    });
  }
  if (typeof map !== "function") {
    throw new FnmeshError("INVALID_ARGUMENT", "a trigger's map is a function of an item", {
      hint: "Write `export default (item) => ({ workers: 4 })` into its module.",
    });
  }
  const open = async (signal: AbortSignal): Promise<OrchestratorAccess> => ({
    orchestrator: orchestrator!,
    token: await textOfKept(token, signal),
    certificate: await textOfKept(certificate, signal),
  });
  const forget = () => {
    for (const each of [token, certificate]) if (typeof each === "object") each.forget();
  };

  return async (event, context) => {
    const read = readEvent(event);
    if (read === undefined) throw unknownEvent();
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - lastWordsMs));
    const start = async ({ key, item }: Keyed): Promise<string | undefined> => {
      const wished = await map(item);
      if (wished === undefined) return undefined;
      const wish = withPresets(wished, presets);
      try {
        return await submitJob(await open(signal), { job, wish, key, signal });
      } catch (error) {
        if (error instanceof FnmeshError && accessTroubles.has(error.code)) forget();
        throw error;
      }
    };
    const results = await settleSome(read.items, (each: Keyed) => inTime(start(each), signal));
    if (read.kind === "sqs")
      return batchAnswer(
        read.items.map(({ item }) => item.id),
        results,
      );
    if (read.kind === "http") return httpAnswer(results[0]!);
    return s3Answer(results);
  };
}

/**
 * The same by a function's environment: FNMESH_ORCHESTRATOR, FNMESH_TOKEN_SECRET and FNMESH_CERTIFICATE, of which the
 * latter two are ARNs as `kept` takes them, and the last one may be absent.
 */
export function triggerOf(
  environment: Readonly<Record<string, string | undefined>>,
  parts: Pick<TriggerOptions, "job" | "presets" | "map">,
): TriggerHandler {
  const { FNMESH_ORCHESTRATOR, FNMESH_TOKEN_SECRET, FNMESH_CERTIFICATE } = environment;
  return trigger({
    ...parts,
    orchestrator: FNMESH_ORCHESTRATOR,
    token: kept(FNMESH_TOKEN_SECRET, environment),
    certificate: FNMESH_CERTIFICATE ? kept(FNMESH_CERTIFICATE, environment) : undefined,
  });
}

const textOfKept = (given: string | Kept | undefined, signal: AbortSignal) =>
  typeof given === "object" ? given.read(signal) : given;

/** The user's own part, or an answer, may take longer than there is time. */
async function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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
