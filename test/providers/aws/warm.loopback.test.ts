// Execution environments that are used again: frozen in between by SIGSTOP, with nothing of an invocation in them but the
// code of earlier jobs.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installedCounterpart } from "../support/counterparts.ts";
import { countedOf, openPlayer, type Player, text } from "../support/play-job.ts";
import { stateOf, tcpSocketsOf } from "./process-state.ts";
import { functionName, openTestingLambda, type TestingLambda } from "./testing-lambda.ts";

const ric = await installedCounterpart("aws-lambda-ric");
const workers = 4;
/** Code that V8 compiles late, and buffers that Node keeps for the next socket. */
const mostGrowthBytes = 2 * 1024 * 1024;

/** The handler as it is deployed, and after it what is still open in the process. */
const probe = `const timers = new Set();
require("node:async_hooks").createHook({
  init: (id, type) => void (type === "Timeout" && timers.add(id)),
  destroy: (id) => void timers.delete(id),
}).enable();
require("node:v8").setFlagsFromString("--expose-gc");
const collect = require("node:vm").runInNewContext("gc");
const { handler } = require("./entry.cjs");
exports.handler = async (event, context) => {
  const answer = await handler(event, context);
  const open = process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name));
  collect();
  const heap = process.memoryUsage().heapUsed;
  console.log(JSON.stringify({ pid: process.pid, open, timers: timers.size, heap }));
  return answer;
};
`;

interface Left {
  readonly pid: number;
  readonly open: readonly string[];
  readonly timers: number;
  readonly heap: number;
}

describe.skipIf(ric === undefined)("environments that are used again", () => {
  let testing: TestingLambda;
  let player: Player;
  beforeAll(async () => {
    testing = await openTestingLambda({ ric: ric!, change: { handler: "probe.handler" } });
    await writeFile(join(testing.taskRoot, "probe.cjs"), probe);
    player = await openPlayer(testing.provider);
  });
  afterAll(async () => {
    await player?.[Symbol.asyncDispose]();
    await testing?.provider.close();
    await testing?.[Symbol.asyncDispose]();
  });

  const pids = () => testing.lambda.environments.map(({ pid }) => pid).sort();
  /** A signal takes a moment to arrive. */
  const standStill = (all: readonly number[]) =>
    expect.poll(() => new Set(all.map(stateOf))).toEqual(new Set(["T"]));
  const count = async () => {
    const { report, output } = await player.reduceByKey();
    expect(report.error).toBeNull();
    expect(output).toBe(countedOf(text));
    expect(report.pairs.direct).toBe((workers * (workers - 1)) / 2);
    await testing.lambda.settled();
  };
  /** What the probe said of each process, in its order. */
  const leftIn = (pid: number): readonly Left[] =>
    testing.lambda
      .logsOf(functionName)
      .filter(({ message }) => message.startsWith('{"timestamp"'))
      .map(({ message }) => JSON.parse(message) as { message: unknown })
      .flatMap(({ message }) =>
        String(message).startsWith("{") ? [JSON.parse(String(message)) as Left] : [],
      )
      .filter((left) => left.pid === pid);

  test("run the next job in the same processes, which stand still in between", async () => {
    await count();
    const first = pids();
    expect(first).toHaveLength(workers);
    await standStill(first);
    await count();
    expect(pids()).toEqual(first);
    await standStill(first);
  });

  test("hold no socket while they are frozen but their runtime's own", async () => {
    await count();
    await standStill(pids());
    for (const { pid, apiPort } of testing.lambda.environments)
      expect(tcpSocketsOf(pid, [apiPort])).toEqual([]);
  });

  test("have neither timers nor sockets, and no more memory, after many invocations", async () => {
    for (let time = 0; time < 5; time += 1) await count();
    for (const pid of pids()) {
      const left = leftIn(pid);
      expect(left.length).toBeGreaterThanOrEqual(5);
      expect(left.at(-1)).toMatchObject({ open: [], timers: 0 });
      const [before, after] = [left.at(-4)!.heap, left.at(-1)!.heap];
      expect(after - before).toBeLessThan(mostGrowthBytes);
    }
  });
});
