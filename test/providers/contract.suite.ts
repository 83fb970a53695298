// What every provider has to do, against a real part of its platform: jobs end right, once, whatever the platform does to
// its invocations.

import type { Provider } from "@fnmesh/core/internal";
import type { OrchestratorOptions } from "@fnmesh/orchestrator";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Faults } from "./support/faults.ts";
import { countedOf, openPlayer, type Player, text } from "./support/play-job.ts";

export interface Counterpart extends AsyncDisposable {
  readonly provider: Provider;
  /** Obeyed by the counterpart's front. */
  readonly faults: Faults;
  /** Where workers dial the orchestrator. Default: loopback. */
  readonly orchestrator?: Pick<OrchestratorOptions, "listen" | "joinTimeoutMs">;
}

export interface ContractOptions {
  readonly start: () => Promise<Counterpart>;
  /** What the paths of all pairs are. Default: direct. */
  readonly path?: string;
  /** A late worker's delay. Default: 10 s with FNMESH_FULL=1, else 2 s. */
  readonly lateMs?: number;
}

const workers = 4;
const pairs = (workers * (workers - 1)) / 2;

const presetLateMs = process.env.FNMESH_FULL === undefined ? 2_000 : 10_000;

export function providerContract(
  name: string,
  { start, path = "direct", lateMs = presetLateMs }: ContractOptions,
) {
  describe(`workers on ${name}`, () => {
    let counterpart: Counterpart;
    let player: Player;
    beforeAll(async () => {
      counterpart = await start();
      player = await openPlayer(counterpart.provider, counterpart.orchestrator);
    });
    beforeEach(() => {
      counterpart.faults.plan = {};
    });
    afterAll(async () => {
      await player?.[Symbol.asyncDispose]();
      await counterpart?.provider.close();
      await counterpart?.[Symbol.asyncDispose]();
    });

    const countsRight = async (change = {}) => {
      const { report, output } = await player.reduceByKey(change);
      expect(report.error).toBeNull();
      expect(output).toBe(countedOf(text));
      expect(report.paths).toHaveLength(pairs);
      expect(new Set(report.paths.map((each) => each.path))).toEqual(new Set([path]));
      return report;
    };

    test("count right, over the paths that the platform's network allows", async () => {
      await countsRight();
    });

    test("again, where they may be warm", async () => {
      await countsRight();
    });

    test("over the relay alone", async () => {
      const { report, output } = await player.reduceByKey({ channel: "relay" });
      expect(report.error).toBeNull();
      expect(output).toBe(countedOf(text));
    });

    test("that throw end the job with their own error, and the next job runs", async () => {
      const { report, output } = await player.play(
        `if (worker.rank === 2) throw new TypeError("no such whale");\n await worker.peers.receive({ from: 2 });`,
      );
      expect(report.error).toMatchObject({
        code: "JOB_THREW",
        rank: 2,
        message: expect.stringContaining("no such whale"),
        stack: expect.stringContaining("job.ts:4"),
      });
      expect(output).toBeUndefined();
      await countsRight();
    });

    test("that reject where nobody waits end the job, too", async () => {
      const { report } = await player.play(
        `if (worker.rank === 1) setTimeout(() => { throw new Error("stray"); }, 1);\n await worker.peers.receive({ from: (worker.rank + 1) % worker.size });`,
      );
      expect(report.error).toMatchObject({ rank: 1, message: expect.stringContaining("stray") });
      await countsRight();
    });

    test("whose time is over are told so", async () => {
      const { report } = await player.play(
        `await worker.peers.receive({ from: (worker.rank + 1) % worker.size });`,
        {
          timeoutMs: 1_500,
        },
      );
      expect(report.error).toMatchObject({ code: "WORKER_TIMEOUT" });
    });

    test("of which half are refused at first come at a second try", async () => {
      counterpart.faults.plan = { throttle: (call) => call % 2 === 0 };
      const before = counterpart.faults.calls;
      await countsRight();
      expect(counterpart.faults.calls - before).toBeGreaterThan(workers);
    });

    test(`of which one is ${lateMs / 1000} s late are waited for`, async () => {
      counterpart.faults.plan = { delayMs: ({ rank }) => (rank === 3 ? lateMs : 0) };
      await countsRight();
    });

    test("that are delivered twice count once", async () => {
      counterpart.faults.plan = { duplicate: () => true };
      await countsRight();
    });

    test("of which one is lost are started again, or the job says so", async () => {
      counterpart.faults.plan = { lose: ({ rank, attempt }) => rank === 1 && attempt === 0 };
      if (counterpart.provider.acceptance !== undefined) return void (await countsRight());
      // A platform that answers says that the function did not run.
      const { report } = await player.reduceByKey();
      expect(report.error?.code ?? "right").toMatch(/^(right|WORKER_LOST|PROVIDER_UNAVAILABLE)$/);
    });
  });
}
