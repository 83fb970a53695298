// Why containers ended, as the API tells it, and which of them matter.

import { createVirtualClock } from "@fnmesh/core/testing";
import { describe, expect, it } from "vitest";
import { exitOfPods, type Pod, podVerdict } from "./pod-verdict.ts";

const begunMs = Date.parse("2026-01-01T12:00:00.500Z");
const pod = (reason: string, finishedAt: string, where: "state" | "lastState" = "lastState"): Pod => ({
  metadata: { name: "fnmesh-dev-1" },
  status: { containerStatuses: [{ [where]: { terminated: { reason, exitCode: 137, finishedAt } } }] },
});

describe("a pod's container", () => {
  it.each(["state", "lastState"] as const)("that used up its memory is known by its %s", (where) => {
    const pods = [pod("Error", "2026-01-01T12:00:09Z"), pod("OOMKilled", "2026-01-01T12:00:10Z", where)];
    expect(exitOfPods(pods, begunMs, 512)).toEqual({ kind: "out-of-memory", limitMb: 512 });
  });

  it("that ended before does not matter, with a little slack for another machine's clock", () => {
    expect(exitOfPods([pod("OOMKilled", "2026-01-01T11:59:50Z")], begunMs, 512)).toBeUndefined();
    expect(exitOfPods([pod("OOMKilled", "2026-01-01T11:59:59Z")], begunMs, 512)).toBeDefined();
  });

  it("that ended otherwise is told with its code", () => {
    expect(exitOfPods([pod("Error", "2026-01-01T12:00:09Z")], begunMs, 512)).toEqual({
      kind: "crashed",
      detail: "its container ended with 137 (Error)",
    });
  });

  it("that runs says nothing", () => {
    const running: Pod = { metadata: { name: "a" }, status: { containerStatuses: [{ state: {} }] } };
    expect(exitOfPods([running, { metadata: { name: "b" } }], begunMs, 512)).toBeUndefined();
  });
});

describe("the cluster's word on a lost worker", () => {
  const otherwise = { kind: "crashed", detail: "the platform answered 502" } as const;
  const ask = async (lists: readonly (readonly Pod[] | "refused")[]) => {
    const clock = createVirtualClock();
    let asked = 0;
    const list = async <Kind>(): Promise<readonly Kind[]> => {
      const found = lists[Math.min(asked, lists.length - 1)]!;
      asked += 1;
      if (found === "refused") throw new Error("Forbidden");
      return found as unknown as readonly Kind[];
    };
    const options = { kubectl: { list }, selector: "function=a", memoryMb: 256, clock };
    const word = podVerdict(options, begunMs, otherwise);
    await clock.advance(5_000);
    return { exit: await word, asked };
  };

  it("is waited for for a moment", async () => {
    const killed = [pod("OOMKilled", "2026-01-01T12:00:01Z")];
    expect(await ask([[], [], killed])).toEqual({
      exit: { kind: "out-of-memory", limitMb: 256 },
      asked: 3,
    });
  });

  it("that does not come leaves what was known", async () => {
    expect((await ask([[]])).exit).toEqual(otherwise);
  });

  it("that one may not ask for leaves what was known", async () => {
    expect(await ask(["refused"])).toEqual({ exit: otherwise, asked: 1 });
  });
});
