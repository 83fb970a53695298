import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";
import { errorOf, ring } from "./run-job.suite.ts";

describe("options that cannot be", () => {
  it.each([
    [{ workers: 0 }, "INVALID_ARGUMENT"],
    [{ workers: 2, nat: ["none"] }, "INVALID_ARGUMENT"],
    [{ workers: 2, inputByRank: [[]] }, "INVALID_ARGUMENT"],
    [{ input: [], inputByRank: [[]] }, "INVALID_ARGUMENT"],
    [{ chunkBytes: 0 }, "INVALID_ARGUMENT"],
    [{ workers: 2, faults: [{ kill: 2 }] }, "INVALID_ARGUMENT"],
    [{ workers: 2, faults: [{ part: [1, 1] }] }, "INVALID_ARGUMENT"],
    [{ nat: "cone" as "open" }, "UNKNOWN_NAT_PROFILE"],
    [{ channel: "pigeon" }, "UNKNOWN_CHANNEL"],
    [{ channel: "redis" }, "INVALID_ARGUMENT"],
    [{ memoryMb: 1 }, "LIMIT"],
  ] as const)("%j", async (options, code) => {
    expect(await errorOf(runJob(ring, options))).toMatchObject({ code });
  });
});
