// Input that is not uploaded: the orchestrator lists it with keys of its own, and the workers read it by themselves.

import { FnmeshError } from "@fnmesh/core";
import { noUsage, type SourceCatalog } from "@fnmesh/core/internal";
import { expect, test } from "vitest";
import { errorOf, startTestApi } from "./testing/test-api.ts";

const objects: Readonly<Record<string, string>> = {
  "logs/a": "one\ntwo\n",
  "logs/b": "three\n",
  other: "x\n",
};

function bucket() {
  const state = { closed: 0, aborted: false };
  const catalog = (signal: AbortSignal): SourceCatalog => ({
    source: "s3",
    usage: noUsage(),
    async list(name, prefix) {
      if (name !== "words") throw new FnmeshError("STORE_AUTH", "the bucket is another's");
      return Object.entries(objects)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, text]) => ({ key, bytes: text.length, version: `v-${key}` }));
    },
    read: async (_, { key }, offset, length) => Buffer.from(objects[key]!.slice(offset, offset + length)),
    async close() {
      state.closed += 1;
      state.aborted = signal.aborted;
    },
  });
  return { state, sources: { s3: { settings: { accessKeyId: "canary" }, catalog } } };
}

test("objects follow the uploads, with their place, and the workers get the settings", async () => {
  const { state, sources } = bucket();
  await using t = await startTestApi({ sources });
  const blob = await t.put("zero\n");
  const input = [{ source: "s3://words/logs/" }, { name: "zero.txt", blob }];
  expect((await t.submit({ workers: 1, input })).status).toBe(201);
  const job = t.orchestrator.fakes[0]!;
  expect(job.spec.input[0]!.map(({ name, bytes, at }) => [name, bytes, at?.version])).toEqual([
    ["zero.txt", 5, undefined],
    ["s3://words/logs/a", 8, "v-logs/a"],
    ["s3://words/logs/b", 6, "v-logs/b"],
  ]);
  expect(job.spec.sources).toEqual({ s3: { accessKeyId: "canary" } });
  expect(job.spec.inputUsage).toBeDefined();
  expect(state.closed).toBe(0);
  job.end();
  await job.report;
  await expect.poll(() => state.closed).toBe(1);
  expect(t.logged()).not.toContain("canary");
});

test.each([
  ["s3://words/absent", "INPUT_NOT_FOUND"],
  ["s3://theirs/", "STORE_AUTH"],
  ["s3://", "INVALID_ARGUMENT"],
  ["gs://words/", "INVALID_ARGUMENT"],
  ["/etc/passwd", "INVALID_ARGUMENT"],
])("%s is refused: %s", async (source, code) => {
  const { state, sources } = bucket();
  await using t = await startTestApi({ sources });
  const answer = await t.submit({ input: [{ source }] });
  expect((await errorOf(answer)).code).toBe(code);
  expect(t.orchestrator.fakes).toEqual([]);
  expect(state.closed).toBe(/words|theirs|s3:..$/.test(source) && !source.startsWith("gs") ? 1 : 0);
});

test("without a source it is said what is missing, and /info tells beforehand", async () => {
  await using t = await startTestApi();
  const answer = await t.submit({ input: [{ source: "s3://words/logs/" }] });
  expect(await errorOf(answer)).toMatchObject({
    code: "INVALID_ARGUMENT",
    hint: expect.stringContaining("AWS_REGION"),
  });
  const info = async (other: typeof t) => (await other.fetch("/info")).json();
  expect(await info(t)).toMatchObject({ providers: [{ name: "local" }], stores: ["redis"], sources: [] });
  await using with3 = await startTestApi({ sources: bucket().sources });
  expect(await info(with3)).toMatchObject({ sources: ["s3"] });
  expect(JSON.stringify(await info(with3))).not.toContain("canary");
});
