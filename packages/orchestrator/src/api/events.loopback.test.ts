import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import type { JobEvent } from "../jobs/job.ts";
import { snapshotOf } from "./testing/fake-orchestrator.ts";
import { collect, errorOf, readEvents, startTestApi, type TestApi, until } from "./testing/test-api.ts";

const log = (message: string): JobEvent => ({ type: "log", rank: 1, level: "info", message });

async function started(t: TestApi) {
  await t.submit();
  return t.orchestrator.fakes.at(-1)!;
}

async function open(t: TestApi, path: string) {
  const leaving = new AbortController();
  const response = await t.fetch(path, { signal: leaving.signal });
  const events = readEvents(response);
  const next = async () => (await events.next()).value!;
  return { response, events, next, leave: () => leaving.abort() };
}

describe("a job's events", () => {
  test("come in order, from a first snapshot to the end, and then the stream ends", async () => {
    await using t = await startTestApi();
    const job = await started(t);
    const { response, events, next } = await open(t, `/jobs/${job.id}/events`);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await next()).toMatchObject({ type: "snapshot", data: { job: job.id, snapshot: { id: job.id } } });

    for (let at = 0; at < 50; at += 1) job.emit(log(`line ${at}\nwith a break`));
    job.end();
    const rest = await collect(events);
    expect(rest.slice(0, -1).map(({ data }) => data.message)).toEqual(
      Array.from({ length: 50 }, (_, at) => `line ${at}\nwith a break`),
    );
    expect(rest.at(-1)).toMatchObject({
      type: "end",
      data: { job: job.id, report: { job: { id: job.id } } },
    });
    await until(() => job.listeners === 0);
  });

  test("of an ended job are its last snapshot and its end", async () => {
    await using t = await startTestApi();
    const job = await started(t);
    job.end("failed");
    const { events } = await open(t, `/jobs/${job.id}/events`);
    expect((await collect(events)).map(({ type }) => type)).toEqual(["snapshot", "end"]);
    await until(() => job.listeners === 0);
  });

  test("are unsubscribed from when the client goes", async () => {
    await using t = await startTestApi();
    const job = await started(t);
    const { next, leave } = await open(t, `/jobs/${job.id}/events`);
    await next();
    expect(job.listeners).toBe(1);
    leave();
    await until(() => job.listeners === 0);
  });

  test("are not subscribed to by HEAD", async () => {
    await using t = await startTestApi();
    const job = await started(t);
    expect((await t.fetch(`/jobs/${job.id}/events`, { method: "HEAD" })).status).toBe(200);
    expect(job.listeners).toBe(0);
  });

  test("come with heartbeats when nothing happens", async () => {
    await using t = await startTestApi({ limits: { heartbeatMs: 20 } });
    const job = await started(t);
    const { next, leave } = await open(t, `/jobs/${job.id}/events`);
    expect((await next()).type).toBe("snapshot");
    expect((await next()).type).toBe("comment");
    expect((await next()).type).toBe("comment");
    leave();
  });

  test("wait bounded for a client that does not read", async () => {
    await using t = await startTestApi({ limits: { waitingLogEvents: 10 } });
    const job = await started(t);
    const { response, next, events } = await open(t, `/jobs/${job.id}/events`);
    expect(response.status).toBe(200);
    expect((await next()).type).toBe("snapshot");
    // In one turn of the event loop, so that nobody can read in between.
    for (let at = 0; at < 500; at += 1) job.emit(log(String(at)));
    const snapshot = { ...snapshotOf(job.id, job.spec), elapsedMs: 7 };
    job.emit({ type: "snapshot", snapshot });
    job.end();
    const rest = await collect(events);
    expect(rest[0]).toEqual({ type: "dropped", data: { job: job.id, logs: 490 } });
    expect(rest.map(({ type }) => type).slice(-2)).toEqual(["snapshot", "end"]);
    expect(rest).toHaveLength(13);
  });
});

describe("a client that stops reading", () => {
  test("is cut, and unsubscribed from", async () => {
    await using t = await startTestApi({ limits: { idleTimeoutMs: 300, heartbeatMs: 50 } });
    const job = await started(t);
    const { hostname, port } = new URL(t.api.url);
    const socket = connect({ host: hostname, port: Number(port) });
    socket.on("error", () => {}); // The cut, seen from here.
    socket.write(`GET /jobs/${job.id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await once(socket, "data");
    socket.pause();
    await until(() => job.listeners === 1);
    while (job.listeners > 0) {
      for (let at = 0; at < 100; at += 1) job.emit(log("x".repeat(16_000)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.destroy();
  });
});

describe("the events of all jobs", () => {
  test("tell of those that are there, and of those that come", async () => {
    await using t = await startTestApi();
    const first = await started(t);
    const { next, leave } = await open(t, "/events");
    expect(await next()).toMatchObject({ type: "snapshot", data: { job: first.id } });
    const second = await started(t);
    expect(await next()).toMatchObject({ type: "snapshot", data: { job: second.id } });
    second.emit(log("hello"));
    expect(await next()).toMatchObject({ type: "log", data: { job: second.id, rank: 1, message: "hello" } });
    first.end();
    expect(await next()).toMatchObject({ type: "end", data: { job: first.id } });
    leave();
    await until(() => second.listeners === 0 && first.listeners === 0);
    await until(() => t.orchestrator.submitListeners === 1); // the metrics' own
  });

  test("are for a bounded number of clients", async () => {
    await using t = await startTestApi({ limits: { eventStreams: 2 } });
    const one = await open(t, "/events");
    const two = await open(t, "/events");
    await until(() => t.orchestrator.submitListeners === 3);
    const refused = await t.fetch("/events");
    expect([refused.status, (await errorOf(refused)).code]).toEqual([503, "TOO_MANY"]);
    one.leave();
    await until(() => t.orchestrator.submitListeners === 2);
    const three = await open(t, "/events");
    expect(three.response.status).toBe(200);
    two.leave();
    three.leave();
  });
});
