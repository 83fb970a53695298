// Launches on AWS and what is told of lost workers, over the wire: the SDK in between, and logs as tests write them.

import { randomUUID } from "node:crypto";
import type { LaunchRequest, Provider } from "@fnmesh/core/internal";
import { deploy } from "@fnmesh/providers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchRequest } from "../../../packages/providers/src/local/testing/launch-request.ts";
import { type FunctionLog, functionLog, type LogEvent, type Report } from "./log-records.ts";
import { type FakeAws, startFakeAws } from "./service-front.ts";
import { type AwsRun, awsRun } from "./session.ts";

const settings = { memoryMb: 256, timeoutMs: 60_000 };
const { signal } = new AbortController();

describe("on AWS", () => {
  let fake: FakeAws;
  let log: FunctionLog;
  let earlier: readonly LogEvent[];
  /** Request ids in the order of delivery. */
  let delivered: string[];
  const opened: Provider[] = [];

  beforeEach(async () => {
    log = functionLog();
    earlier = [];
    delivered = [];
    fake = await startFakeAws({
      backend: {
        invoke: async (_, __, requestId) => void delivered.push(requestId),
        logsOf: () => [...earlier, ...log.events],
      },
      delays: { roleShows: 0, roleAssumable: 0, functionReady: 0 },
    });
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((provider) => provider.close()));
    await fake[Symbol.asyncDispose]();
  });

  const open = async (run: AwsRun = {}) => {
    const provider = await awsRun(fake, { section: settings, ...run }).open();
    opened.push(provider);
    return provider;
  };
  const openDeployed = async (run: AwsRun = {}) => {
    await deploy(await awsRun(fake, { section: settings }).resources(), { signal });
    return await open(run);
  };
  const request = (rank = 0, change: Parameters<typeof launchRequest>[1] = {}): LaunchRequest =>
    launchRequest("job", { memoryMb: 256, rank, attempt: 0, ...change });

  describe("a launch", () => {
    test("is taken under the id that Lambda knows it by, and told as done when it has left", async () => {
      const provider = await openDeployed();
      const worker = await provider.launch(request());
      expect(delivered).toEqual([worker.id]);
      worker.left?.("finished");
      expect(await worker.exit).toEqual({ kind: "completed" });
      expect(fake.calls.some(({ action }) => action === "logs:FilterLogEvents")).toBe(false);
    });

    test("of many workers goes through although every second one is refused at first", async () => {
      const provider = await openDeployed();
      fake.faults.plan = { throttle: (call) => call % 2 === 0 };
      const workers = await Promise.all(
        Array.from({ length: 40 }, (_, rank) => provider.launch(request(rank))),
      );
      expect(new Set(workers.map(({ id }) => id)).size).toBe(40);
      expect(delivered).toHaveLength(40);
      expect(fake.faults.calls).toBeGreaterThan(79);
    });

    test("asks once what is deployed, however many there are", async () => {
      const provider = await openDeployed();
      const before = fake.calls.length;
      await Promise.all(Array.from({ length: 10 }, (_, rank) => provider.launch(request(rank))));
      const actions = fake.calls.slice(before).map(({ action }) => action);
      expect(actions.filter((action) => action === "lambda:GetFunctionConfiguration")).toHaveLength(1);
    });

    test("without a deployment says what to do, and goes through after it", async () => {
      const provider = await open();
      const refused = { code: "NOT_DEPLOYED", hint: expect.stringContaining("fnmesh deploy --provider aws") };
      await expect(provider.launch(request())).rejects.toMatchObject(refused);
      await deploy(await awsRun(fake, { section: settings }).resources(), { signal });
      expect(await provider.launch(request())).toBeDefined();
      fake.account.functions.clear();
      // What was deployed a moment ago is still trusted: Lambda itself says that it is gone.
      await expect(provider.launch(request())).rejects.toMatchObject(refused);
    });

    test("on other memory than is deployed is refused, whatever the settings say", async () => {
      await deploy(await awsRun(fake, { section: settings }).resources(), { signal });
      const provider = await open({ section: { ...settings, memoryMb: 1_024 } });
      expect(provider.limits.memoryMb).toEqual({ least: 1_024, most: 1_024, preset: 1_024 });
      await expect(provider.launch(request(0, { memoryMb: 1_024 }))).rejects.toMatchObject({
        code: "LIMIT",
        hint: expect.stringContaining("--memory 256"),
      });
      expect(delivered).toEqual([]);
    });

    test("by one who may only invoke goes by the settings", async () => {
      const provider = await openDeployed();
      fake.allows = (action) => action === "lambda:InvokeFunction";
      expect((await provider.launch(request())).id).toBe(delivered[0]);
    });

    test("by one who may not invoke names the right, and carries no key", async () => {
      const provider = await openDeployed();
      fake.allows = () => false;
      const error: unknown = await provider.launch(request()).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: "PLATFORM_AUTH",
        message: expect.stringContaining("lambda:InvokeFunction on arn:aws:lambda:eu-central-1"),
      });
      expect(JSON.stringify(error)).not.toMatch(/canary/i);
    });

    test("that is called off while it waits for its turn says why it waited", async () => {
      const provider = await openDeployed();
      const off = new AbortController();
      fake.faults.plan = {
        throttle: (call) => {
          if (call === 3) off.abort(new Error("the job has ended"));
          return true;
        },
      };
      await expect(provider.launch({ ...request(), signal: off.signal })).rejects.toThrow();
      expect(delivered).toEqual([]);
    });
  });

  describe("the account", () => {
    test("bounds the workers, and the rate", async () => {
      fake.account.concurrency = 10;
      expect((await openDeployed()).limits.workers).toBe(10);
    });

    test("that may not be asked is taken for a usual one", async () => {
      fake.allows = (action) => action !== "lambda:GetAccountSettings";
      expect((await openDeployed()).limits.workers).toBe(1_000);
    });
  });

  describe("of a lost worker is told", () => {
    const reported = (requestId: string, change: Partial<Report> = {}): Report => ({
      ...{ requestId, durationMs: 1_500, memoryMb: 256, usedMb: 90, initMs: undefined },
      ...{ status: "error", errorType: "Runtime.ExitError" },
      ...change,
    });

    test("what its own log says, on however many pages, and nothing of other invocations", async () => {
      const worker = await (await openDeployed()).launch(request());
      const others = log.open();
      for (let other = 0; other < 25; other += 1) others.report(reported(randomUUID()));
      const stream = log.open();
      stream.start(worker.id);
      for (let line = 0; line < 30; line += 1) stream.line(`line ${line}`);
      stream.report(reported(worker.id));
      others.line("somebody else's words");
      worker.left?.("lost");
      const exit = await worker.exit;
      expect(exit).toMatchObject({ kind: "crashed", detail: expect.stringContaining("line 29") });
      expect(JSON.stringify(exit)).not.toContain("somebody else");
    });

    test("its last words, however much it has written before", async () => {
      const worker = await (await openDeployed()).launch(request());
      const stream = log.open();
      const message = JSON.stringify({ level: "INFO", requestId: worker.id, message: "on and on" });
      const timestamp = Date.now() - 40_000;
      earlier = Array.from({ length: 1_500 }, () => ({ stream: stream.name, timestamp, message }));
      stream.line("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory");
      stream.report(reported(worker.id));
      worker.left?.("lost");
      expect(await worker.exit).toEqual({ kind: "out-of-memory", limitMb: 256 });
    });

    test("what comes into the log only after a while", async () => {
      const worker = await (await openDeployed()).launch(request());
      let searches = 0;
      fake.allows = (action) => {
        if (action === "logs:FilterLogEvents") searches += 1;
        if (searches === 3) log.open().report(reported(worker.id, { errorType: "Runtime.OutOfMemory" }));
        return true;
      };
      worker.left?.("lost");
      expect(await worker.exit).toEqual({ kind: "out-of-memory", limitMb: 256 });
    });

    test("the bad end of two deliveries, whichever is written first", async () => {
      for (const order of [0, 1]) {
        const worker = await (await openDeployed()).launch(request());
        const ends = [
          () => log.open().report(reported(worker.id, { status: "success", errorType: undefined })),
          () => log.open().report(reported(worker.id, { status: "timeout", errorType: undefined })),
        ];
        for (const end of order === 0 ? ends : ends.reverse()) end();
        worker.left?.("lost");
        expect(await worker.exit).toEqual({ kind: "timed-out", afterMs: 1_500 });
      }
    });

    test("where to look, if nothing comes into the log", async () => {
      const worker = await (await openDeployed()).launch(request());
      worker.left?.("lost");
      expect(await worker.exit).toMatchObject({
        kind: "crashed",
        error: { code: "WORKER_LOST", hint: expect.stringContaining(worker.id) },
      });
    });

    test("which right is missing, if the log may not be read", async () => {
      const worker = await (await openDeployed()).launch(request());
      fake.allows = (action) => action !== "logs:FilterLogEvents";
      worker.left?.("lost");
      expect(await worker.exit).toMatchObject({
        kind: "crashed",
        error: { code: "WORKER_LOST", hint: expect.stringContaining("logs:FilterLogEvents") },
      });
    });

    test("nothing more, once it is stopped", async () => {
      const worker = await (await openDeployed()).launch(request());
      await worker.stop();
      worker.left?.("lost");
      expect(await worker.exit).toEqual({ kind: "stopped" });
    });
  });
});
