// Sessions on networks that lose, delay and swallow: what happens to a pair, and that it always ends.

import type { Worker } from "@fnmesh/core";
import type { Segment, VirtualHost } from "@fnmesh/core/testing";
import { describe, expect, it } from "vitest";
import { type Outcome, pathsOf, runSession, type Session } from "./session.suite.ts";

const restricted = ["restricted", "restricted"] as const;

/** Each sends the other 300 KB and checks what comes. */
async function exchange({ rank, peers }: Worker): Promise<string> {
  const bytes = new Uint8Array(300_000).fill(rank + 1);
  const [, { value }] = await Promise.all([peers.send(1 - rank, bytes), peers.receive<Uint8Array>()]);
  if (value.length !== bytes.length || value.some((byte) => byte !== 2 - rank))
    throw new Error("other bytes came");
  return peers.connections()[0]!.path;
}

const isWorker = ({ name }: VirtualHost): boolean => name.startsWith("worker");

/** Loses what `lost` says of the segments between workers; what goes to and from the orchestrator passes. */
const between =
  (lost: (segment: Segment, from: VirtualHost, to: VirtualHost) => boolean) =>
  ({ lab }: Session): void => {
    lab.network.fault((segment, from, to) => isWorker(from) && isWorker(to) && lost(segment, from, to));
  };

const expectSuccess = (outcome: Outcome): void => {
  expect(outcome.report.error).toBeNull();
  expect(outcome.report.job.status).toBe("succeeded");
};

describe("lost SYNs", () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
    "a fifth of them, seed %i: the pair is made all the same",
    async (seed) => {
      for (const profile of ["restricted", "reset", "shared"] as const) {
        const outcome = await runSession({
          workers: [profile, profile],
          run: exchange,
          seed,
          link: { synLoss: 0.2 },
        });
        expectSuccess(outcome);
        expect(new Set(pathsOf(outcome)).size).toBe(1);
      }
    },
  );

  it("all of them between the workers: three rounds, then the relay, within their time", async () => {
    const prepare = between(({ kind }) => kind === "syn");
    const outcome = await runSession({ workers: restricted, run: exchange, prepare });
    expectSuccess(outcome);
    expect(pathsOf(outcome)).toEqual(["relay", "relay"]);
    expect(outcome.tookMs).toBeLessThan(15_000);
  });

  it("the second of two SYN-ACKs: TCP repeats it, and no round is lost", async () => {
    let seen = 0;
    const prepare = between(({ kind }) => {
      if (kind === "syn-ack") seen += 1;
      return kind === "syn-ack" && seen <= 2;
    });
    const outcome = await runSession({ workers: restricted, run: exchange, prepare });
    expectSuccess(outcome);
    expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    expect(outcome.connections[0]![0]!.rounds).toBe(1);
  });
});

describe("unequal sides", () => {
  it.each([
    ["one side 150 ms away", [1, 150]],
    ["one side 400 ms away", [400, 1]],
    ["both 300 ms away", [300, 300]],
  ] as const)("%s: direct", async (_what, [low, high]) => {
    for (const profile of ["restricted", "reset"] as const) {
      const outcome = await runSession({
        workers: [profile, profile],
        run: exchange,
        prepare: ({ lab }) => {
          lab.nats[0]!.link.latencyMs = low;
          lab.nats[1]!.link.latencyMs = high;
        },
      });
      expectSuccess(outcome);
      expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    }
  });

  it("a side that starts ten seconds late is waited for", async () => {
    for (const late of [0, 1]) {
      const outcome = await runSession({
        workers: restricted,
        run: exchange,
        launchedAfterMs: (rank) => (rank === late ? 10_000 : 0),
      });
      expectSuccess(outcome);
      expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    }
  });

  it("a side that begins to talk a minute late finds the connection that the other one asked for", async () => {
    const outcome = await runSession({
      workers: restricted,
      run: async (worker, { clock }) => {
        if (worker.rank === 1) await new Promise<void>((resolve) => clock.setTimer(60_000, resolve));
        return exchange(worker);
      },
    });
    expectSuccess(outcome);
    expect(outcome.report.pairs).toMatchObject({ direct: 1, relay: 0 });
  });

  it.each([1, 2, 3])("jitter of up to 80 ms on each link, seed %i: direct", async (seed) => {
    for (const profile of ["restricted", "shared"] as const) {
      const outcome = await runSession({
        workers: [profile, profile],
        run: exchange,
        seed,
        link: { jitterMs: 80 },
      });
      expectSuccess(outcome);
      expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    }
  });
});

/** What a path may do to the bytes of its two workers, and to which of them. */
const ways = ["both ways", "from 0 to 1", "from 1 to 0"] as const;
const loses = (way: (typeof ways)[number], lost: (segment: Segment) => boolean) =>
  between(
    (segment, from) =>
      (way === "both ways" || from.name === `worker ${way === "from 0 to 1" ? 0 : 1}`) && lost(segment),
  );

/** Whether a segment belongs to the first connection that carries anything: it has two ends, so two attempts. */
function firstConnection(): (segment: Segment) => boolean {
  const attempts = new Set<number>();
  return ({ bytes, attempt }) => {
    if (bytes.length > 0) attempts.add(attempt);
    return [...attempts].indexOf(attempt) < 2;
  };
}

const isLarge = ({ bytes }: Segment): boolean => bytes.length > 1_300;
const beyond =
  (most: number) =>
  ({ position, bytes }: Segment): boolean =>
    position + bytes.length > most;

describe.each([
  ["swallows full packets", isLarge],
  // The handshake passes, and not all of the probe: two packets of 1,500 bytes.
  ["goes dark after 2 KiB", beyond(2048)],
] as const)("a path that %s", (_what, lost) => {
  it("once: the pair is punched again, and stays direct", async () => {
    const isFirst = firstConnection();
    const prepare = between((segment) => isFirst(segment) && lost(segment));
    const outcome = await runSession({ workers: restricted, run: exchange, prepare });
    expectSuccess(outcome);
    expect(pathsOf(outcome)).toEqual(["direct", "direct"]);
    expect(outcome.connections[0]![0]!.rounds).toBe(2);
  });

  it.each(ways)("always, %s: relay, with the reason", async (way) => {
    const prepare = loses(way, lost);
    const outcome = await runSession({ workers: restricted, run: exchange, prepare });
    expectSuccess(outcome);
    expect(pathsOf(outcome)).toEqual(["relay", "relay"]);
    expect(outcome.connections[0]![0]!.reason).toContain("no acknowledgement of full packets");
    expect(outcome.tookMs).toBeLessThan(30_000);
  });
});

describe("a path that goes dark after 16 KiB, when the probe has passed and messages are on their way", () => {
  /** A socket is a pair's last way: what it took with it is nowhere else. Silence is believed after two minutes. */
  const mostMs = 140_000;

  it.each(
    ways.flatMap((way) => [
      { way, channel: "auto" },
      { way, channel: "direct" },
    ]),
  )("$way, over the channel $channel: PEER_LOST, and no worker hangs", async ({ way, channel }) => {
    const paths: string[] = [];
    const ends: unknown[] = [];
    const run = async (worker: Worker): Promise<void> => {
      const [connection] = await worker.peers.connectAll();
      paths[worker.rank] = connection!.path;
      await exchange(worker).catch((error) => {
        ends.push(error);
        throw error;
      });
    };
    const prepare = loses(way, beyond(16_384));
    const outcome = await runSession({ workers: restricted, run, channel, prepare });
    expect(paths).toEqual(["direct", "direct"]);
    expect(outcome.report.job.status).toBe("failed");
    expect(outcome.report.error).toMatchObject({
      code: "PEER_LOST",
      message: expect.stringContaining("nothing was heard of it"),
    });
    expect(ends).toHaveLength(2);
    expect(outcome.tookMs).toBeLessThan(mostMs);
  });
});

describe("a pair that can never connect", () => {
  it.each([
    ["symmetric NATs", ["symmetric", "symmetric"]],
    ["an unlucky mix", ["symmetric", "restricted"]],
  ] as const)("over the channel direct, by %s: NO_PATH, within its deadline", async (_why, workers) => {
    const outcome = await runSession({ workers, run: exchange, channel: "direct" });
    expect(outcome.report.job.status).toBe("failed");
    expect(outcome.report.error).toMatchObject({ code: "NO_PATH", hint: expect.stringContaining("auto") });
    expect(outcome.tookMs).toBeLessThan(90_000);
  });

  it("over the channel direct, by a black hole between them: NO_PATH, within its deadline", async () => {
    const prepare = between(() => true);
    const outcome = await runSession({ workers: restricted, run: exchange, channel: "direct", prepare });
    expect(outcome.report.error).toMatchObject({ code: "NO_PATH" });
    expect(outcome.tookMs).toBeLessThan(90_000);
  });

  it("to a worker that never joins: the job ends with what is wrong, and no worker hangs", async () => {
    const outcome = await runSession({
      workers: restricted,
      run: exchange,
      prepare: ({ lab }) => lab.network.cut(lab.workers[1]!),
    });
    expect(outcome.report.job.status).toBe("failed");
    expect(outcome.report.error?.code).toMatch(/JOIN_TIMEOUT|ORCHESTRATOR_UNAVAILABLE|DEADLINE|WORKER_LOST/);
    expect(outcome.report.error?.rank).toBe(1);
  });
});

describe("the relay", () => {
  it("carries the job where it is asked for, though the pair could be direct", async () => {
    const outcome = await runSession({ workers: ["none", "restricted"], run: exchange, channel: "relay" });
    expectSuccess(outcome);
    expect(outcome.report.pairs).toMatchObject({ direct: 0, relay: 1 });
    expect(outcome.report.bytes.direct).toBe(0);
  });

  it("is slower than a path of its own, and loses nothing, with a link of 100 ms", async () => {
    const outcome = await runSession({
      workers: ["symmetric", "symmetric"],
      run: exchange,
      link: { latencyMs: 100, jitterMs: 30 },
    });
    expectSuccess(outcome);
    expect(pathsOf(outcome)).toEqual(["relay", "relay"]);
  });
});
