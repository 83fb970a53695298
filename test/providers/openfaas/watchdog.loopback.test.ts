// The container under OpenFaaS's contract for workloads: it serves HTTP on the port that it is told, says when it is
// healthy, may be called through a watchdog, and ends in good order.

import { afterEach, beforeEach, expect, test } from "vitest";
import { httpCall } from "../../../packages/providers/src/kit/http-call.ts";
import { functionBundle } from "../support/function-bundle.ts";
import { startWatchdog, type Watchdog, type WatchdogOptions } from "./watchdog.ts";

const open: AsyncDisposable[] = [];
let entry: string;
beforeEach(async () => {
  const bundle = await functionBundle("container");
  open.push(bundle);
  entry = bundle.path;
});
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

async function start(options: Omit<WatchdogOptions, "entry"> = {}): Promise<Watchdog> {
  const watchdog = await startWatchdog({ entry, ...options });
  open.push(watchdog);
  return watchdog;
}

const never = new AbortController().signal;
const get = async ({ url }: Watchdog, path: string) =>
  (await httpCall({ url: url + path, signal: never })).status;
const post = ({ url }: Watchdog, body: unknown) => httpCall({ url, method: "POST", body, signal: never });
/** An orchestrator that nobody can reach: a worker tries for a while. */
const unreachable = { host: "127.0.0.1", port: 1, observePort: 1 };
const invocation = {
  ...{ version: 1, job: "j", rank: 0, attempt: 0, orchestrator: unreachable },
  ...{ secret: "A".repeat(43), timeoutMs: 60_000 },
};

test("is healthy when it serves, and answers what is no invocation", async () => {
  const watchdog = await start();
  expect(await get(watchdog, "/_/health")).toBe(200);
  expect(await get(watchdog, "/_/ready")).toBe(200);
  const { status, text } = await post(watchdog, { hello: "stranger" });
  expect([status, JSON.parse(text)]).toMatchObject([200, { ok: false, error: { code: "INVALID_ARGUMENT" } }]);
  const huge = await post(watchdog, "x".repeat(1_000_000));
  expect(JSON.parse(huge.text)).toMatchObject({ ok: false, error: { code: "INVALID_ARGUMENT" } });
});

test("answers a worker that finds no orchestrator, with its error and without its secret", async () => {
  const watchdog = await start();
  const { status, text } = await post(watchdog, invocation);
  expect([status, JSON.parse(text)]).toMatchObject([
    200,
    { ok: false, error: { code: "ORCHESTRATOR_UNAVAILABLE" } },
  ]);
  expect(text).not.toContain(invocation.secret);
});

test("takes as many at one time as the watchdog lets in, and ends when the watchdog's time is over", async () => {
  const watchdog = await start({ environment: { exec_timeout: "1s" } });
  const first = post(watchdog, invocation);
  await expect.poll(() => get(watchdog, "/_/ready")).toBe(503);
  expect((await post(watchdog, invocation)).status).toBe(429);
  expect((await first).status).toBe(504);
  await expect.poll(() => get(watchdog, "/_/ready")).toBe(200);
});

test("on SIGTERM answers what it has begun, and then ends", async () => {
  const watchdog = await start();
  const running = post(watchdog, invocation);
  await expect.poll(() => get(watchdog, "/_/ready")).toBe(503);
  const terminated = watchdog.terminate();
  expect(await get(watchdog, "/_/health")).toBe(503);
  expect(JSON.parse((await running).text)).toMatchObject({ ok: false });
  await terminated;
  expect(watchdog.isAlive()).toBe(false);
});
