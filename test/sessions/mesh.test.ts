// Many workers at once: every pair takes its path, each pair has one socket, and nothing is left behind.

import type { Worker } from "@fnmesh/core";
import { type VirtualProfile, virtualProfiles } from "@fnmesh/core/testing";
import { describe, expect, it } from "vitest";
import { type Outcome, runSession, type Session } from "./session.suite.ts";

const times = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));

/** Sockets between workers that stand right now; each connection has two ends. */
const workerSockets = ({ lab }: Session): number =>
  lab.network
    .openSockets()
    .filter(
      ({ host, remote, state }) =>
        host.startsWith("worker") && state === "established" && remote !== undefined,
    )
    .filter(({ remote }) => remote!.host !== lab.orchestrator.hostAddresses()[0]).length;

const pathCounts = ({ connections }: Outcome): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { path } of connections.flat()) counts[path] = (counts[path] ?? 0) + 1;
  return counts;
};

/** All talk to all, twice, so that every connection is used. */
async function allToAll({ rank, size, peers, barrier }: Worker): Promise<number> {
  await peers.connectAll();
  await barrier();
  const others = times(size, (other) => other).filter((other) => other !== rank);
  let sum = 0;
  for (const round of [1, 2]) {
    await Promise.all(others.map((other) => peers.send(other, rank * round)));
    for (const from of others) sum += (await peers.receive<number>({ from })).value;
  }
  return sum;
}

describe("a mesh", () => {
  it.each(["none", "restricted", "reset", "shared", "shared-no-hairpin", "open"] as const)(
    "of eight workers behind %s NATs: 28 pairs, all direct, one socket each",
    async (profile) => {
      let sockets = 0;
      const outcome = await runSession({
        workers: times(8, () => profile),
        run: async (worker, session) => {
          const sum = await allToAll(worker);
          await worker.barrier();
          if (worker.rank === 0) sockets = workerSockets(session);
          await worker.barrier();
          return sum;
        },
      });
      expect(outcome.report.error).toBeNull();
      expect(outcome.report.result).toBe(3 * 28);
      expect(outcome.report.pairs).toMatchObject({ direct: 28, relay: 0 });
      expect(sockets).toBe(2 * 28);
    },
  );

  it("of all kinds of NATs, two of each: direct where that is possible, and relay elsewhere", async () => {
    const workers = [...virtualProfiles, ...virtualProfiles];
    const outcome = await runSession({ workers, run: allToAll });
    expect(outcome.report.error).toBeNull();
    const closed: readonly VirtualProfile[] = [
      "restricted",
      "reset",
      "shared",
      "shared-no-hairpin",
      "symmetric",
    ];
    let relayed = 0;
    for (const [low, a] of workers.entries()) {
      for (const b of workers.slice(low + 1)) {
        if ((a === "symmetric" && closed.includes(b)) || (b === "symmetric" && closed.includes(a)))
          relayed += 1;
      }
    }
    expect(outcome.report.pairs).toMatchObject({ direct: 91 - relayed, relay: relayed });
    expect(pathCounts(outcome)).toEqual({ direct: 2 * (91 - relayed), relay: 2 * relayed });
  });

  it("of symmetric NATs goes over the relay, whole", async () => {
    const outcome = await runSession({ workers: times(8, () => "symmetric" as const), run: allToAll });
    expect(outcome.report.error).toBeNull();
    expect(outcome.report.pairs).toMatchObject({ direct: 0, relay: 28 });
  });

  it("with one seed runs the same every time, and takes the same virtual time", async () => {
    const run = () =>
      runSession({
        workers: ["restricted", "reset", "shared", "shared", "symmetric", "none"],
        run: allToAll,
        encrypt: false,
        seed: 11,
        link: { jitterMs: 20, synLoss: 0.1 },
      });
    const [first, second] = [await run(), await run()];
    expect(second.connections).toEqual(first.connections);
    expect(second.tookMs).toBe(first.tookMs);
  });
});
