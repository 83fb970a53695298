// The function on serverless-offline, invoked by AWS's own client.

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Provider, WorkerExit } from "@fnmesh/core/internal";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitOf, readAnswer } from "../../../packages/providers/src/kit/answer.ts";
import { answeredWorker } from "../../../packages/providers/src/kit/launched.ts";
import { installedCounterpart } from "../support/counterparts.ts";
import { countedOf, openPlayer, type Player, text } from "../support/play-job.ts";
import { type ServerlessOffline, startServerlessOffline } from "./serverless-offline.ts";

const installed = await installedCounterpart("serverless-offline");
const functionName = "fnmesh-test";

/** It offers Lambda's invoke API and none of the others, so this is no more than an invocation. */
function invoking(client: LambdaClient): Provider {
  return {
    name: "aws",
    limits: {
      memoryMb: { least: 128, most: 10_240, preset: 512 },
      timeoutMs: { most: 900_000, preset: 60_000 },
      workers: 100,
    },
    async launch({ invocation }) {
      const over = new AbortController();
      const exit = client
        .send(
          new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(JSON.stringify(invocation)) }),
          { abortSignal: over.signal },
        )
        .then(({ Payload }): WorkerExit | undefined => {
          const said = Buffer.from(Payload ?? []).toString();
          const answer = readAnswer(said);
          return answer === undefined ? { kind: "crashed", detail: said } : exitOf(answer);
        });
      return answeredWorker({ id: `${invocation.rank}`, exit, giveUp: () => over.abort() });
    },
    async close() {},
  };
}

describe.skipIf(installed === undefined)("the function on serverless-offline", () => {
  let offline: ServerlessOffline;
  let client: LambdaClient;
  let player: Player;
  beforeAll(async () => {
    offline = await startServerlessOffline(installed!, functionName);
    client = new LambdaClient({
      endpoint: offline.endpoint,
      region: "eu-central-1",
      credentials: { accessKeyId: "none", secretAccessKey: "none" },
    });
    player = await openPlayer(invoking(client));
  });
  afterAll(async () => {
    await player?.[Symbol.asyncDispose]();
    client?.destroy();
    await offline?.[Symbol.asyncDispose]();
  });

  test.each(["cold", "warm"])("counts right with four workers, %s", async () => {
    const { report, output } = await player.reduceByKey({ workers: 4 });
    expect(report.error).toBeNull();
    expect(output).toBe(countedOf(text));
    expect(report.pairs.direct).toBe(6);
  });

  test("tells of the job's own error", async () => {
    const { report } = await player.play(`throw new TypeError("no such whale");`, { workers: 1 });
    expect(report.error).toMatchObject({ code: "JOB_THREW", message: "no such whale", rank: 0 });
  });
});
