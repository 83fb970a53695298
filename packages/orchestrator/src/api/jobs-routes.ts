// POST /jobs, GET /jobs, GET /jobs/:id, GET /jobs/:id/output, POST /jobs/:id/cancel.

import type { Log } from "@fnmesh/core";
import { type Context, Hono } from "hono";
import type { JobHandle } from "../jobs/job.ts";
import type { Orchestrator } from "../orchestrator.ts";
import { readJson } from "./body.ts";
import { HttpError } from "./http-error.ts";
import { createJobKeys, keyHeader } from "./job-keys.ts";
import { parseJobRequest } from "./job-request.ts";
import { existingJob, reportOf, viewJob } from "./job-view.ts";
import type { KeptOutput, OpenOutput } from "./kept-output.ts";
import type { ApiLimits } from "./limits.ts";
import type { Submissions } from "./submissions.ts";

export interface JobRoutesOptions {
  readonly orchestrator: Orchestrator;
  readonly submissions: Submissions;
  readonly limits: ApiLimits;
  readonly isDraining: () => boolean;
  readonly log: Log;
}

/** Throws NOT_ENDED, NO_OUTPUT or GONE. */
async function finishedOutput(job: JobHandle, kept: KeptOutput | undefined): Promise<OpenOutput> {
  const status = (await reportOf(job))?.job.status;
  if (status === undefined) {
    throw new HttpError("NOT_ENDED", "the job has not ended yet", {
      hint: `GET /jobs/${job.id}/events tells when it has.`,
    });
  }
  if (status !== "succeeded") {
    throw new HttpError("NO_OUTPUT", `the job has the status ${status}, so it has no output`);
  }
  if (kept === undefined) throw new HttpError("NO_OUTPUT", "the job was not submitted here");
  const output = kept.open();
  if (output === undefined) {
    throw new HttpError("GONE", "the output has made room for newer ones", {
      hint: "Fetch it soon after the job's end, or give the orchestrator a larger spool.",
    });
  }
  return output;
}

/** Pulls only when the client reads: a HEAD request, or a client that has gone, opens no file. */
function streamOf(output: OpenOutput): ReadableStream<Uint8Array> {
  let chunks: AsyncGenerator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        chunks ??= output.chunks();
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks?.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

export function jobRoutes(options: JobRoutesOptions): Hono {
  const { orchestrator, submissions, limits } = options;
  const routes = new Hono();
  const keys = createJobKeys();
  const jobOf = (c: Context): JobHandle => existingJob(orchestrator, c.req.param("id") ?? "");

  routes.post("/jobs", async (c) => {
    if (options.isDraining()) {
      throw new HttpError("DRAINING", "the orchestrator takes no more jobs", {
        hint: "It is shutting down.",
      });
    }
    const request = parseJobRequest(await readJson(c, limits.jobRequestBytes));
    const submit = async () => (await submissions.submit(request)).id;
    const { id, again } = await keys.once(c.req.header(keyHeader), submit);
    // One that was submitted with the same key long ago may be forgotten.
    const job = orchestrator.job(id)?.snapshot() ?? null;
    return c.json({ id, job }, again ? 200 : 201, { Location: `/jobs/${id}` });
  });

  routes.get("/jobs", (c) => c.json({ jobs: orchestrator.jobs().map((job) => job.snapshot()) }));

  routes.get("/jobs/:id", async (c) => c.json(await viewJob(jobOf(c))));

  routes.get("/jobs/:id/output", async (c) => {
    const job = jobOf(c);
    const output = await finishedOutput(job, submissions.outputOf(job.id));
    return c.body(streamOf(output), 200, {
      "Content-Type": "application/octet-stream",
      "Content-Length": String(output.bytes),
      "Content-Disposition": "attachment",
    });
  });

  routes.post("/jobs/:id/cancel", async (c) => {
    const job = jobOf(c);
    const view = await viewJob(job);
    if (view.report !== null) return c.json(view);
    // Not waited for: workers take time to end, and the events tell of it.
    job.cancel("cancelled through the API").catch((error: unknown) => {
      options.log.error("a job could not be cancelled", { job: job.id, error: String(error) });
    });
    return c.json(await viewJob(job), 202);
  });

  return routes;
}
