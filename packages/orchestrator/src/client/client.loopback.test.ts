// The client against the API itself, over HTTP; what becomes of a job is the test's word.

import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FnmeshError } from "@fnmesh/core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { collect, sha256, startTestApi, until } from "../api/testing/test-api.ts";
import type { JobEvent } from "../jobs/job.ts";
import { type ClientOptions, connectOrchestrator, type OrchestratorClient } from "./client.ts";

const signal = AbortSignal.timeout(30_000);
const token = "canary-token-of-many-letters";
const open: (() => unknown)[] = [];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fnmesh-client-"));
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<ClientOptions> = {}, api: Parameters<typeof startTestApi>[0] = {}) {
  const t = await startTestApi({ token, ...api });
  open.push(() => t[Symbol.asyncDispose]());
  return { t, client: client({ url: t.api.url, token, ...options }) };
}

function client(options: ClientOptions): OrchestratorClient {
  const made = connectOrchestrator({ goneMs: 1_000, ...options });
  open.push(() => made.close());
  return made;
}

/** Something else that speaks HTTP. */
async function other(answer: RequestListener): Promise<string> {
  const server: Server = createServer(answer).listen(0, "127.0.0.1");
  open.push(() => server.close());
  open.push(() => server.closeAllConnections());
  await new Promise((resolve) => server.once("listening", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function submitted(api: Awaited<ReturnType<typeof start>>, fields = {}) {
  const code = await api.client.upload({ text: "export default 1" }, signal);
  const job = await api.client.submit({ code, workers: 2, ...fields }, signal);
  return { job, fake: api.t.orchestrator.fakes.at(-1)! };
}

describe("uploads", () => {
  test("go up under their hash, once", async () => {
    const { t, client } = await start();
    writeFileSync(join(folder, "a.txt"), "alpha\n");
    const file = { file: join(folder, "a.txt"), name: "a.txt" };
    expect(await client.upload(file, signal)).toBe(sha256("alpha\n"));
    expect(await client.upload(file, signal)).toBe(sha256("alpha\n"));
    expect(await client.upload({ text: "" }, signal)).toBe(sha256(""));
    expect(t.logged().match(/"method":"PUT"/g)).toHaveLength(2);
  });

  test("that cannot be are told by the file's name", async () => {
    const { client } = await start({}, { limits: { blobBytes: 4 } });
    writeFileSync(join(folder, "a.txt"), "alpha\n");
    const named = (name: string) => client.upload({ file: join(folder, name), name }, signal);
    await expect(named("a.txt")).rejects.toMatchObject({
      code: "LIMIT",
      message: expect.stringMatching(/^a\.txt has 6 bytes/),
    });
    await expect(named("b.txt")).rejects.toMatchObject({ code: "INPUT_NOT_FOUND" });
    await expect(client.upload({ text: "alpha" }, signal)).rejects.toMatchObject({ code: "LIMIT" });
  });
});

describe("a job", () => {
  test("is followed by its events to its report, and its output comes as it is", async () => {
    const api = await start();
    const { job, fake } = await submitted(api, { name: "words" });
    const seen: JobEvent[] = [];
    job.subscribe((event) => seen.push(event));
    await until(() => fake.listeners > 0);
    expect(job.snapshot()).toMatchObject({ id: job.id, name: "words" });
    fake.emit({ type: "log", rank: 1, level: "info", message: "für dich" });
    fake.emit({ type: "emit", rank: 0, value: { n: 1 } });
    await fake.spec.output!.write(0, Buffer.from("one\n"));
    await fake.spec.output!.write(1, Buffer.from("two\n"));
    await fake.spec.output!.commit();
    const report = fake.end("succeeded", { result: 42 });
    expect(await job.report).toEqual(report);
    expect(seen.filter(({ type }) => type !== "snapshot")).toEqual([
      { type: "log", rank: 1, level: "info", message: "für dich" },
      { type: "emit", rank: 0, value: { n: 1 } },
      { type: "end", report },
    ]);
    const { bytes, chunks } = await job.output(signal);
    expect([bytes, Buffer.concat(await collect(chunks)).toString()]).toEqual([8, "one\ntwo\n"]);
  });

  test("whose output is there no more is told as the orchestrator's doing", async () => {
    const api = await start();
    const { job, fake } = await submitted(api);
    await fake.spec.output!.discard();
    fake.end("failed");
    await job.report;
    const refusal = {
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: expect.stringContaining("it has no output"),
    };
    await expect(job.output(signal)).rejects.toMatchObject(refusal);
    api.t.orchestrator.forget(job.id);
    await expect(job.output(signal)).rejects.toMatchObject({
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: expect.stringContaining("knows the job"),
    });
  });

  test("is cancelled where it runs", async () => {
    const api = await start();
    const { job, fake } = await submitted(api);
    const cancelled = job.cancel("interrupted");
    await until(() => fake.cancelReason !== undefined);
    fake.end("cancelled");
    expect(await cancelled).toMatchObject({ job: { status: "cancelled" } });
  });

  test("that is refused is refused with the orchestrator's words", async () => {
    const api = await start();
    api.t.orchestrator.refuseWith(new FnmeshError("LIMIT", "too many workers", { hint: "Ask for fewer." }));
    await expect(submitted(api)).rejects.toMatchObject({
      code: "LIMIT",
      message: expect.stringMatching(/^the orchestrator at http.*: too many workers$/),
      hint: "Ask for fewer.",
    });
  });

  test("goes on over a stream that breaks", async () => {
    const api = await start();
    const { t } = api;
    let broken = 0;
    // In between: cuts each connection of the first two event streams after its first snapshot.
    const url = await other((request, response) => {
      void fetch(t.api.url + request.url, {
        method: request.method!,
        headers: { authorization: `Bearer ${token}` },
      })
        .then(async (answer) => {
          response.writeHead(answer.status);
          for await (const chunk of answer.body ?? []) {
            response.write(chunk);
            if (request.url!.endsWith("/events") && ++broken <= 2)
              return setImmediate(() => response.destroy());
          }
          response.end();
        })
        .catch(() => response.destroy());
    });
    const { fake } = await submitted(api);
    // The same job, seen through it.
    const { followRemoteJob } = await import("./remote-job.ts");
    const { createHttp } = await import("./http.ts");
    const { nodeClock, silentLog } = await import("@fnmesh/core/internal");
    const http = createHttp(url, undefined);
    open.push(() => http.close());
    const parts = { http, address: url, clock: nodeClock, goneMs: 5_000, log: silentLog };
    const job = followRemoteJob({ ...parts, id: fake.id, snapshot: fake.snapshot() });
    await until(() => broken >= 3);
    fake.end("succeeded", { result: "over a bad line" });
    expect((await job.report).result).toBe("over a bad line");
  });
});

describe("an orchestrator that goes", () => {
  test("is missed, and the person is told where the job may still be", async () => {
    const api = await start({ goneMs: 600 });
    const { job, fake } = await submitted(api);
    await until(() => fake.listeners > 0);
    await api.t.api.close();
    await expect(job.report).rejects.toMatchObject({
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: expect.stringContaining("lost in mid-job"),
      hint: expect.stringContaining(`/jobs/${job.id}`),
    });
  });

  test("and comes back without the job is told at once", async () => {
    const api = await start({ goneMs: 60_000 });
    const { job, fake } = await submitted(api);
    await until(() => fake.listeners > 0);
    api.t.orchestrator.forget(job.id);
    const { port } = new URL(api.t.api.url);
    await api.t.api.close();
    const again = await startTestApi({ token, port: Number(port) });
    open.push(() => again[Symbol.asyncDispose]());
    await expect(job.report).rejects.toMatchObject({
      message: expect.stringContaining("knows the job job1 no more"),
    });
  });

  test("in the middle of the output leaves no short output", async () => {
    const url = await other((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half");
      setImmediate(() => response.destroy());
    });
    const { createHttp } = await import("./http.ts");
    const { followRemoteJob } = await import("./remote-job.ts");
    const { nodeClock, silentLog } = await import("@fnmesh/core/internal");
    const http = createHttp(url, undefined);
    open.push(() => http.close());
    const parts = { http, address: url, clock: nodeClock, goneMs: 0, log: silentLog };
    const job = followRemoteJob({ ...parts, id: "j", snapshot: {} as never });
    const { chunks } = await job.output(signal);
    await expect(collect(chunks)).rejects.toMatchObject({
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: "the output broke off after 4 of 100 bytes",
    });
  });
});

describe("what cannot be reached", () => {
  test("a wrong token is told as such, and no token is in any error", async () => {
    const { t } = await start();
    for (const wrong of ["canary-of-somebody-else", undefined]) {
      const error = await client({ url: t.api.url, token: wrong })
        .info(signal)
        .catch((thrown: FnmeshError) => thrown);
      expect(error).toMatchObject({ code: "AUTH", hint: expect.stringContaining("FNMESH_TOKEN") });
      expect(JSON.stringify(error) + (error as FnmeshError).stack).not.toContain("canary");
    }
  });

  test.each<[string, RequestListener, RegExp]>([
    [
      "a page",
      (_, response) => response.writeHead(404).end("<html>nothing here"),
      /is no orchestrator: it said 404/,
    ],
    ["another service", (_, response) => response.end('{"hello":1'), /is no orchestrator: it said 200/],
    ["somebody who hangs up", (request) => request.socket.destroy(), /does not answer: socket hang up/],
  ])("%s", async (_, answer, message) => {
    const url = await other(answer);
    await expect(client({ url }).info(signal)).rejects.toMatchObject({
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: expect.stringMatching(message),
    });
  });

  test("nobody at all", async () => {
    const { t } = await start();
    await t.api.close();
    await expect(client({ url: t.api.url }).info(signal)).rejects.toMatchObject({
      code: "ORCHESTRATOR_UNAVAILABLE",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test.each(["ftp://x", "nonsense", "http://a:b@c", "http://c/?d=1"])("the address %s is refused", (url) => {
    expect(() => connectOrchestrator({ url })).toThrow(/no http\(s\) address/);
  });

  test("an interrupt ends a request with its reason", async () => {
    const url = await other(() => {});
    const interrupt = new AbortController();
    const asked = client({ url }).info(interrupt.signal);
    interrupt.abort(new FnmeshError("CANCELLED", "interrupted"));
    await expect(asked).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
