// What becomes of a resource that other settings have made, and that is not wanted any more. All else is held by
// test/providers/deployment.suite.ts, against each platform.

import { FnmeshError } from "@fnmesh/core";
import { describe, expect, test } from "vitest";
import { deploy, diff, type Resource, remove, survey } from "./deployment.ts";

const { signal } = new AbortController();

/** A role that the function uses, and the function: in that order. */
function plane({ role = "wanted", ours = true, refused = false } = {}) {
  const there = new Set(["role", "function"]);
  const calls: string[] = [];
  const resource = (kind: string, wanted: Resource["wanted"], isOurs = true): Resource => ({
    ...{ kind, name: "fnmesh-dev", wanted },
    read: async () => {
      if (refused && kind === "role") throw new FnmeshError("PLATFORM_AUTH", "iam:GetRole is missing");
      return there.has(kind) ? { facts: { size: 1 }, ours: isOurs } : undefined;
    },
    create: async () => void calls.push(`create ${kind}`),
    update: async () => void calls.push(`update ${kind}`),
    remove: async () => {
      calls.push(`remove ${kind}`);
      there.delete(kind);
    },
  });
  const resources = [
    resource("role", role === "wanted" ? { size: 1 } : undefined, ours),
    resource("function", { size: 2 }),
  ];
  return { resources, there, calls };
}

const told = (steps: readonly { readonly action: string; readonly kind: string }[]) =>
  steps.map(({ action, kind }) => `${action} ${kind}`);

describe("what is not wanted any more", () => {
  test("is told, and removed when nothing uses it", async () => {
    const { resources, calls, there } = plane({ role: "unwanted" });
    expect(told(await diff(resources, signal))).toEqual(["update function", "remove role"]);
    expect(calls).toEqual([]);
    expect((await survey(resources, signal)).map(({ kind }) => kind)).toEqual(["role", "function"]);
    const begun: string[] = [];
    const done = await deploy(resources, { signal, onStep: ({ kind }) => begun.push(kind) });
    expect(told(done)).toEqual(["update function", "remove role"]);
    expect([calls, begun]).toEqual([
      ["update function", "remove role"],
      ["function", "role"],
    ]);
    expect([...there]).toEqual(["function"]);
    expect(told(await diff(resources, signal))).toEqual(["update function"]);
  });

  test("goes with all the rest, too", async () => {
    const { resources, there } = plane({ role: "unwanted" });
    expect(told(await remove(resources, { signal }))).toEqual(["remove function", "remove role"]);
    expect([...there]).toEqual([]);
  });

  test.each([{ ours: false }, { refused: true }])("is let be where it is not to be had: %o", async (how) => {
    const { resources, calls, there } = plane({ role: "unwanted", ...how });
    expect(told(await diff(resources, signal))).toEqual(["update function"]);
    await deploy(resources, { signal });
    await remove(resources, { signal });
    expect(calls).toEqual(["update function", "remove function"]);
    expect([...there]).toEqual(["role"]);
  });

  test("is no reason to overlook a refusal of what is wanted", async () => {
    await expect(diff(plane({ refused: true }).resources, signal)).rejects.toMatchObject({
      code: "PLATFORM_AUTH",
    });
  });
});
