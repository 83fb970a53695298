// GET /jobs/:id/events and GET /events: what happens, as server-sent events. Each stream begins with a snapshot of
// what there is. A job's stream ends with its report; the stream of all jobs goes on.

import { type Context, Hono } from "hono";
import type { JobEvent, JobHandle } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { type EventFeed, eventStream } from "./event-stream.ts";
import { HttpError } from "./http-error.ts";
import { existingJob } from "./job-view.ts";
import type { ApiLimits } from "./limits.ts";

export interface EventRoutesOptions {
  readonly orchestrator: Orchestrator;
  readonly limits: ApiLimits;
  /** Ends all streams. */
  readonly closing: AbortSignal;
}

/** From the job's present state on, to its end. Returns the unsubscriber. */
function follow(job: JobHandle, feed: EventFeed, onEnd: () => void): () => void {
  let over = false;
  const push = (event: JobEvent): void => {
    if (over) return;
    feed.push(job.id, event);
    if (event.type !== "end") return;
    over = true;
    onEnd();
  };
  // Subscribed before it is asked how it is, so that nothing falls between the two.
  const unsubscribe = job.subscribe(push);
  push({ type: "snapshot", snapshot: job.snapshot() });
  // A job that has ended already sends no event any more.
  void job.report.then((report) => {
    push({ type: "end", report });
    unsubscribe();
  });
  return () => {
    over = true;
    unsubscribe();
  };
}

type Subscribe = (feed: EventFeed) => () => void;

const followOne =
  (job: JobHandle): Subscribe =>
  (feed) =>
    follow(job, feed, feed.end);

const followAll =
  (orchestrator: Orchestrator): Subscribe =>
  (feed) => {
    const stops = new Map<string, () => void>();
    const start = (job: JobHandle): void => {
      if (!stops.has(job.id))
        stops.set(
          job.id,
          follow(job, feed, () => stops.delete(job.id)),
        );
    };
    const unsubscribe = orchestrator.onSubmit(start);
    for (const job of orchestrator.jobs()) start(job);
    return () => {
      unsubscribe();
      for (const stop of stops.values()) stop();
    };
  };

export function eventRoutes({ orchestrator, limits, closing }: EventRoutesOptions): Hono {
  const routes = new Hono();
  let open = 0;

  const answer = (c: Context, subscribe: Subscribe): Response => {
    if (open >= limits.eventStreams) {
      throw new HttpError("TOO_MANY", `${open} event streams are open already`, {
        hint: "Close one, or ask for GET /jobs now and then.",
        headers: { "Retry-After": "10" },
      });
    }
    const counted: Subscribe = (feed) => {
      open += 1;
      const unsubscribe = subscribe(feed);
      return () => {
        open -= 1;
        unsubscribe();
      };
    };
    const stream = eventStream({
      subscribe: counted,
      heartbeatMs: limits.heartbeatMs,
      mostLogs: limits.waitingLogEvents,
      closing,
    });
    // X-Accel-Buffering: a proxy in between must not wait for more.
    return c.body(stream, 200, { "Content-Type": "text/event-stream", "X-Accel-Buffering": "no" });
  };

  routes.get("/jobs/:id/events", (c) => answer(c, followOne(existingJob(orchestrator, c.req.param("id")))));
  routes.get("/events", (c) => answer(c, followAll(orchestrator)));
  return routes;
}
