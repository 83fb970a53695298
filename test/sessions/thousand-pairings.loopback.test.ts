// A thousand pairs in one process: all are made, and no socket and no timer outlives them.

import { expect, it } from "vitest";
import { runSession } from "./session.suite.ts";

const size = 46;
const pairs = (size * (size - 1)) / 2;

it.each([
  ["encrypted", true],
  ["in the clear", false],
] as const)("1,035 pairs behind restricted NATs, %s", async (_how, encrypt) => {
  let timers = 0;
  const outcome = await runSession({
    workers: Array.from({ length: size }, () => "restricted" as const),
    encrypt,
    run: async (worker, { clock }) => {
      await worker.peers.connectAll();
      await worker.barrier();
      if (worker.rank === 0) timers = clock.pendingTimers().length;
      await worker.barrier();
    },
  });
  expect(outcome.report.error).toBeNull();
  const paths = outcome.connections.flat().map(({ path }) => path);
  expect(paths).toEqual(Array.from({ length: 2 * pairs }, () => "direct"));
  // While the connections stand, each worker has a few timers: none for each pair.
  expect(timers).toBeGreaterThan(0);
  expect(timers).toBeLessThan(size * 8);
});
