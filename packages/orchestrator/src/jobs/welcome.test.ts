import { expect, test } from "vitest";
import type { InputPart, JobSpec } from "./job.ts";
import { welcomeMessage } from "./welcome.ts";

const part = (name: string, at?: InputPart["at"]): InputPart => ({
  name,
  bytes: 5,
  read: async () => new Uint8Array(5),
  ...(at === undefined ? {} : { at }),
});

test("a worker is told of a source, and its keys, only when a part of its own is there", () => {
  const at = { offset: 7, version: '"tag"' };
  const spec: JobSpec = {
    ...{ name: "job", code: "", workers: 3, provider: "p", nat: "none", channel: "direct", encrypt: true },
    ...{ memoryMb: 128, timeoutMs: 1_000, params: {} },
    input: [[part("a.txt")], [part("a.txt"), part("s3://b/k", at)], []],
    sources: { s3: { secretAccessKey: "canary" } },
  };
  const ways = { ladder: [], auto: false, stores: {} };
  const observed = { host: "h", port: 1 };
  const [file, object, nothing] = [0, 1, 2].map((rank) =>
    welcomeMessage(spec, rank, { hash: "", bytes: 0 }, observed, ways),
  );
  expect(object).toMatchObject({
    splits: [
      { name: "a.txt", bytes: 5 },
      { name: "s3://b/k", bytes: 5, at },
    ],
    sources: { s3: { secretAccessKey: "canary" } },
  });
  expect(object!.splits[0]).not.toHaveProperty("at");
  expect(JSON.stringify([file, nothing])).not.toContain("canary");
});
