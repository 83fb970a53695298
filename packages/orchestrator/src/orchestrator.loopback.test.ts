// The whole server with the real worker, both in this process, over loopback.

import { createHash } from "node:crypto";
import { type CodeCache, createCodeCache, nodeEnv, runWorker } from "@fnmesh/core/internal";
import { afterEach, expect, test } from "vitest";
import { createOrchestrator } from "./create-orchestrator.ts";
import type { JobEvent, JobSpec } from "./jobs/job.ts";
import { memoryOutput, testSpec, textPart } from "./jobs/testing/job-spec.ts";
import { scriptedProvider } from "./jobs/testing/scripted-provider.ts";
import type { Orchestrator } from "./orchestrator.ts";

const open: Orchestrator[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((orchestrator) => orchestrator.close()));
});

const env = nodeEnv();
const realWorkers = () =>
  scriptedProvider({
    worker: ({ invocation, signal }) => runWorker({ invocation, env, code: createCodeCache(), signal }),
  });

async function start(provider = realWorkers()) {
  const orchestrator = await createOrchestrator({ env, providers: [provider] });
  open.push(orchestrator);
  return { orchestrator, provider };
}

test("a module that goes with jobs comes when their code asks for it, and once to a container", async () => {
  const module = "export const twice = (value) => 2 * value;";
  const wanted = { hash: createHash("sha256").update(module).digest("hex"), bytes: module.length };
  const asks = (value: number) => `export default { fnmesh: 1, async run({ peers }) {
    const { twice } = await peers[Symbol.for("fnmesh.inner")].load(${JSON.stringify(wanted)});
    return twice(${value});
  } }`;
  const loaded: string[] = [];
  const cache = createCodeCache();
  const code: CodeCache = {
    get hashes() {
      return cache.hashes;
    },
    get: (hash) => cache.get(hash),
    put(hash, made) {
      loaded.push(hash);
      cache.put(hash, made);
    },
  };
  const { orchestrator } = await start(
    scriptedProvider({
      worker: ({ invocation, signal }) => runWorker({ invocation, env, code, signal }),
    }),
  );
  const resultOf = async (spec: Partial<JobSpec>) => {
    const { result, error } = await orchestrator.submit(testSpec({ workers: 1, ...spec })).report;
    return error?.code ?? result;
  };
  expect(await resultOf({ code: asks(4), modules: [module] })).toBe(8);
  expect(await resultOf({ code: asks(5), modules: [module] })).toBe(10);
  expect(loaded).toHaveLength(3);
  expect(loaded[1]).toBe(wanted.hash);
});

test("a module that does not go with the job is not to be had", async () => {
  const { orchestrator } = await start();
  const code = `export default { fnmesh: 1, async run({ peers }) {
    await peers[Symbol.for("fnmesh.inner")].load({ hash: "${"0".repeat(64)}", bytes: 1 });
  } }`;
  const { error } = await orchestrator.submit(testSpec({ workers: 1, code })).report;
  expect(error).toMatchObject({ code: "PROTOCOL", message: expect.stringContaining("not this job's") });
});

const ring = `export default { fnmesh: 1, async run({ rank, size, peers, input, output, stage, barrier, params }) {
  await stage("talk", async () => {
    await peers.send((rank + 1) % size, "hello from " + rank);
    const { from } = await peers.receive();
    if (from !== (rank + size - 1) % size) throw new Error("wrong neighbour");
  });
  await barrier();
  for (const split of input) await output.write(await split.read());
  return params.answer;
} }`;

for (const channel of ["auto", "relay"] as const) {
  test(`a ring of real workers runs to its end over the channel ${channel}`, async () => {
    const { orchestrator, provider } = await start();
    const output = memoryOutput();
    const job = orchestrator.submit(
      testSpec({
        code: ring,
        workers: 3,
        channel,
        params: { answer: "42" },
        input: [[textPart("a", "one\n")], [textPart("b", "two\n"), textPart("c", "three\n")], []],
        output,
      }),
    );
    const events: JobEvent[] = [];
    job.subscribe((event) => events.push(event));
    const report = await job.report;
    expect(report.error).toBeNull();
    expect(report.job.status).toBe("succeeded");
    expect(report.result).toBe("42");
    expect(output.committed).toBe("one\ntwo\nthree\n");
    expect(report.pairs).toMatchObject(
      channel === "auto" ? { direct: 3, relay: 0 } : { direct: 0, relay: 3 },
    );
    expect(report.stages).toMatchObject([{ name: "talk", tasks: 3, retries: 0 }]);
    expect(events.at(-1)).toEqual({ type: "end", report });
    expect(provider.running).toBe(0);
    expect(orchestrator.stats().connections).toEqual({ pending: 0, control: 0, relay: 0 });
  });
}

test("a worker that throws fails the job with its own error, and no other worker keeps running", async () => {
  const { orchestrator, provider } = await start();
  const code = `export default { fnmesh: 1, async run({ rank, peers }) {
    if (rank === 1) throw new Error("no such luck");
    await peers.receive({ from: 1 });
  } }`;
  const report = await orchestrator.submit(testSpec({ code, workers: 3 })).report;
  expect(report.job.status).toBe("failed");
  expect(report.error).toMatchObject({ code: "JOB_THREW", rank: 1, attempt: 0 });
  expect(report.error?.message).toContain("no such luck");
  expect(provider.running).toBe(0);
});
