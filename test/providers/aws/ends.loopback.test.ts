// How a worker's end in Lambda comes to the person: each kind by its own code, from the worker where it can still speak,
// else from the platform's log.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobSpec } from "@fnmesh/orchestrator";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installedCounterpart } from "../support/counterparts.ts";
import { openPlayer, type Player } from "../support/play-job.ts";
import { functionName, openTestingLambda, type TestingLambda } from "./testing-lambda.ts";

const ric = await installedCounterpart("aws-lambda-ric");

/** One worker does it, and all others wait for it. */
const rankTwo = (does: string) => `if (worker.rank === 2) {
${does}
}
await worker.peers.receive({ from: 2 });`;

const ends: readonly {
  readonly name: string;
  readonly does: string;
  readonly error: Readonly<Record<string, unknown>>;
}[] = [
  {
    name: "an error of the job, with rank and source line",
    does: `throw new TypeError("no such whale");`,
    error: { code: "JOB_THREW", message: "no such whale", stack: expect.stringContaining("job.ts:5") },
  },
  {
    name: "what is thrown where nobody waits, although Lambda's runtime ends the environment for it",
    does: `setTimeout(() => { throw new RangeError("thrown aside"); }, 1); await new Promise(() => {});`,
    error: { code: "JOB_THREW", message: "thrown aside", stack: expect.stringContaining("job.ts:5") },
  },
  {
    name: "a promise that nobody waits for, the same",
    does: `void Promise.reject(new Error("rejected aside")); await new Promise(() => {});`,
    error: { code: "JOB_THREW", message: "rejected aside", stack: expect.stringContaining("job.ts:5") },
  },
  {
    name: "a process that exits",
    does: "process.exit(3);",
    error: { code: "WORKER_LOST", message: expect.stringContaining("exit status 3") },
  },
  {
    name: "no memory left for buffers",
    does: "const kept = []; for (;;) { kept.push(Buffer.alloc(8 << 20, 1)); await new Promise(setImmediate); }",
    error: { code: "OUT_OF_MEMORY" },
  },
  {
    name: "no heap left",
    does: "const kept = []; for (;;) kept.push({ at: kept.length, text: String(kept.length) });",
    error: { code: "OUT_OF_MEMORY" },
  },
];

describe.skipIf(ric === undefined)("the end of a worker in Lambda", () => {
  const opened: AsyncDisposable[] = [];
  const open = async (change: Parameters<typeof openTestingLambda>[0]["change"] = {}) => {
    const testing = await openTestingLambda({
      ric: ric!,
      change: { memoryMb: 160, ...change },
      silentMs: 500,
    });
    const player = await openPlayer(testing.provider, { joinTimeoutMs: 20_000 });
    opened.push(player, testing);
    return { testing, player };
  };
  afterAll(async () => {
    for (const each of opened) await each[Symbol.asyncDispose]();
  });

  describe("is told as", () => {
    let testing: TestingLambda;
    let player: Player;
    beforeAll(async () => {
      ({ testing, player } = await open());
    });

    test.each(ends)("$name", async ({ does, error }) => {
      const { report } = await player.play(rankTwo(does));
      expect(report.error).toMatchObject({ ...error, rank: 2 });
      await testing.lambda.settled();
    });
  });

  test("an environment outlives an error that was thrown aside", async () => {
    const { testing, player } = await open();
    const pids = () => testing.lambda.environments.map(({ pid }) => pid).sort();
    const aside = `void Promise.reject(new Error("aside")); await new Promise(() => {});`;
    await player.play(aside, { workers: 1 });
    await testing.lambda.settled();
    const before = pids();
    await player.play("return 1;", { workers: 1 });
    await testing.lambda.settled();
    expect(pids()).toEqual(before);
  });

  test("Lambda's own time limit is told as such, even of one that blocks its loop", async () => {
    const { testing, player } = await open({ timeoutMs: 1_500 });
    const { report } = await player.play("for (;;);", { workers: 1 });
    expect(report.error).toMatchObject({ code: "WORKER_TIMEOUT", rank: 0 });
    const lines = testing.lambda.logsOf(functionName).map(({ message }) => message);
    expect(lines.join("\n")).toContain("Task timed out after 1.50 seconds");
  });

  test.each([
    ["its file is missing", "nothing.handler", "", "Runtime.ImportModuleError"],
    ["its file is no JavaScript", "broken.handler", "export {", "Runtime.UserCodeSyntaxError"],
    ["its file throws", "broken.handler", "throw new Error('not today')", "not today"],
    ["its file ends the process", "broken.handler", "process.exit(1)", "exit status 1"],
    ["it has no such handler", "broken.handler", "exports.other = 1", "Runtime.HandlerNotFound"],
  ])("a function whose code does not load is told as such: %s", async (_, handler, code, words) => {
    const testing = await openTestingLambda({ ric: ric!, change: { handler }, silentMs: 50 });
    const player = await openPlayer(testing.provider, { joinTimeoutMs: 300 });
    opened.push(player, testing);
    await writeFile(join(testing.taskRoot, "broken.js"), code);
    const change: Partial<JobSpec> = { workers: 1 };
    const { report } = await player.play("return 1;", change);
    expect(report.error).toMatchObject({ code: "INIT_FAILED", message: expect.stringContaining(words) });
  });
});
