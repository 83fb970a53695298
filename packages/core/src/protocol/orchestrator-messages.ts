// Messages that the orchestrator sends.

import * as is from "./shape.ts";
import {
  attempt,
  candidate,
  endpoint,
  errorRecord,
  mapping,
  ping,
  place,
  rank,
  route,
  rung,
} from "./shapes.ts";

/** Messages that the orchestrator sends. */
export const fromOrchestrator = {
  welcome: is.object({
    version: is.whole(0, 65_535),
    size: is.whole(1, 100_000),
    observed: endpoint,
    code: is.object({ hash: is.text(64), bytes: is.whole() }),
    params: is.recordOf(is.text(65_536)),
    splits: is.listOf(
      is.object({
        name: is.text(4096),
        bytes: is.whole(),
        /** Where the worker reads it by itself, in the source that its name's scheme says. */
        at: is.maybe(is.object({ offset: is.whole(), version: is.text(256) })),
      }),
      100_000,
    ),
    /** The ways that its pairs may take, the first preferred. */
    ladder: is.listOf(rung, 16),
    /** By the ladder's stores: where they are and how to enter. Secret. */
    stores: is.recordOf(is.json(8)),
    /** By the sources of its splits: the same. Secret. */
    sources: is.maybe(is.recordOf(is.json(8))),
    encrypt: is.flag,
    memoryMb: is.whole(1),
  }),
  introduce: is.object({
    peers: is.listOf(
      is.object({
        rank,
        attempt,
        mapping,
        candidates: is.listOf(candidate, 32),
        /** How long this side waits so that both dial at one moment. */
        delayMs: is.amount,
        round: is.whole(0, 16),
      }),
      100_000,
    ),
  }),
  /** The pair uses this path from now on, and may still become direct. Sent to both. */
  route: is.object({
    peer: rank,
    attempt,
    /** Counts the routes of a pair from 1 on: a later one replaces an earlier one. */
    route,
    rung,
    /** Which relay, on that rung. */
    relay: is.maybe(is.object({ id: is.text(64), ...place })),
    reason: is.text(512),
  }),
  /** The ladder has nothing (more) for this pair. */
  noroute: is.object({ peer: rank, reason: is.text(512) }),
  /** A peer will not come, or not come again. */
  gone: is.object({ peer: rank, reason: is.oneOf("finished", "lost") }),
  barrier: is.object({ id: is.whole() }),
  /** The job ended otherwise; stop at once. */
  abort: is.object({ error: errorRecord }),
  /** Result and output are stored: the worker may end. */
  done: is.object({}),
  ping,
  pong: ping,
};
