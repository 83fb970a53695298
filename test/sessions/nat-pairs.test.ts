// Every NAT with every other, each side as the lower rank once: which path a pair takes, and that it works.

import type { Worker } from "@fnmesh/core";
import { type VirtualProfile, virtualProfiles } from "@fnmesh/core/testing";
import { describe, expect, it } from "vitest";
import { pathsOf, runSession } from "./session.suite.ts";

/** A symmetric NAT's mapping for the peer cannot be foretold: only a peer that anybody may dial is reached directly. */
const letsAnybodyIn: ReadonlySet<VirtualProfile> = new Set(["none", "open"]);

function expectedPath(low: VirtualProfile, high: VirtualProfile): "direct" | "relay" {
  if (low === "symmetric") return letsAnybodyIn.has(high) ? "direct" : "relay";
  if (high === "symmetric") return letsAnybodyIn.has(low) ? "direct" : "relay";
  return "direct";
}

const pairs = virtualProfiles.flatMap((low) =>
  virtualProfiles.map((high) => ({ low, high, path: expectedPath(low, high) })),
);

async function greet({ rank, peers }: Worker): Promise<string> {
  await peers.send(1 - rank, `from ${rank}`);
  return (await peers.receive<string>()).value;
}

describe.each([
  ["encrypted", true],
  ["in the clear", false],
] as const)("%s", (_how, encrypt) => {
  it.each(pairs)("$low with $high: $path", async ({ low, high, path }) => {
    const outcome = await runSession({ workers: [low, high], run: greet, encrypt });
    expect(outcome.report.error).toBeNull();
    expect(outcome.report.result).toBe("from 1");
    expect(pathsOf(outcome)).toEqual([path, path]);
    expect(outcome.report.pairs).toMatchObject({ direct: 0, relay: 0, [path]: 1 });
    const reasons = outcome.connections.flat().map(({ reason }) => reason);
    if (path === "relay") expect(reasons.every((reason) => reason !== undefined && reason !== "")).toBe(true);
  });
});
