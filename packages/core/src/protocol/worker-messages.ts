// Messages that a worker sends. In a room of their own: a worker's bundle has no use for their checks.

import { result } from "./result-message.ts";
import { pathNames } from "./rungs.ts";
import * as is from "./shape.ts";
import { attempt, candidate, errorRecord, mapping, ping, rank, route, rung } from "./shapes.ts";

const path = is.oneOf(...pathNames);
const usage = {
  puts: is.whole(),
  gets: is.whole(),
  lists: is.whole(),
  deletes: is.whole(),
  commands: is.whole(),
  retries: is.whole(),
  writtenBytes: is.whole(),
  readBytes: is.whole(),
};

/** Messages that a worker sends. */
export const fromWorker = {
  hello: is.object({
    version: is.whole(0, 65_535),
    job: is.text(64),
    rank,
    attempt,
    node: is.text(64),
    /** Hashes of job code that this container still has from an earlier invocation. */
    cachedCode: is.listOf(is.text(64), 64),
  }),
  /** Asks for a job's code, when it is not cached. */
  code: is.object({ hash: is.text(64) }),
  candidates: is.object({ candidates: is.listOf(candidate, 32), mapping }),
  /** Asks to be introduced to these ranks, each as soon as it has joined. */
  connect: is.object({
    peers: is.listOf(rank, 100_000),
    /** Of the largest message that waits for one of them: the policy may go by it. */
    bytes: is.maybe(is.whole()),
  }),
  /** The round of dialling failed on this side. */
  retry: is.object({
    peer: rank,
    round: is.whole(0, 16),
    reason: is.text(512),
    /** Offered to this peer only, in this round. */
    candidates: is.listOf(candidate, 4),
  }),
  /** The pair's path failed on this side, or there is no direct one: it shall have the next. */
  fallback: is.object({ peer: rank, route, reason: is.text(512) }),
  /** Pulls a part of an input split: the orchestrator answers with input blobs. */
  input: is.object({ split: is.whole(), offset: is.whole(), length: is.whole(1) }),
  barrier: is.object({ id: is.whole() }),
  stage: is.object({ name: is.text(128), event: is.oneOf("begin", "end") }),
  progress: is.object({ done: is.amount, total: is.amount }),
  log: is.object({ level: is.oneOf("debug", "info", "warn", "error"), message: is.text(65_536) }),
  /** What the job's function has found so far: JSON, as its result is. */
  emit: result,
  /** Totals since the worker's start, not differences: a lost one does no harm. */
  telemetry: is.object({
    peers: is.listOf(
      is.object({
        rank,
        path,
        /** When it took this path, milliseconds since the welcome. */
        sinceMs: is.maybe(is.amount),
        /** Why not direct. */
        reason: is.maybe(is.text(512)),
        /** Of `sentBytes`, what went over paths that it left. */
        earlier: is.maybe(is.listOf(is.object({ path, sentBytes: is.whole() }), 8)),
        sentMessages: is.whole(),
        sentBytes: is.whole(),
        receivedMessages: is.whole(),
        receivedBytes: is.whole(),
      }),
      100_000,
    ),
    /** When the first connection was asked for and the last one stood, milliseconds since the worker's start. */
    connect: is.maybe(is.object({ firstMs: is.amount, lastMs: is.amount })),
    memoryBytes: is.whole(),
    /** What was asked of stores so far. */
    stores: is.maybe(is.listOf(is.object({ rung, ...usage }), 8)),
    /** And of the sources of its input. */
    input: is.maybe(is.object(usage)),
  }),
  /** The job's function returned; all output has been sent before. */
  result,
  failed: is.object({ error: errorRecord }),
  ping,
  pong: ping,
};
