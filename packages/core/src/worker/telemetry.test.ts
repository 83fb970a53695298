// What a worker tells of its pairs, and what it does not tell twice.

import { expect, it } from "vitest";
import type { PairTable, PairUse } from "../peers/pair-table.ts";
import type { WorkerMessage } from "../protocol/control.ts";
import { createTelemetry } from "./telemetry.ts";

const carrying: PairUse = {
  ...{
    rank: 1,
    path: "relay",
    reason: "channel is relay",
    rounds: 0,
    since: 150,
    isTrying: false,
    earlier: [],
  },
  phases: { introduceMs: 0, dialMs: 0, handshakeMs: 0, probeMs: 0 },
  counters: { sent: { messages: 1, bytes: 10 }, received: { messages: 0, bytes: 0 } },
};
const idle: PairUse = {
  ...carrying,
  counters: { sent: { messages: 0, bytes: 0 }, received: { messages: 0, bytes: 0 } },
};

function setUp(first: PairUse) {
  const told: Extract<WorkerMessage, { type: "telemetry" }>["peers"][] = [];
  let use = first;
  const report = createTelemetry({
    pairs: { uses: () => [use], times: { first: undefined, last: undefined } } as unknown as PairTable,
    ...{ startedAt: 0, welcomedAt: 100, storeUsages: () => [], inputUsage: () => undefined },
    send: (message) => void (message.type === "telemetry" && told.push(message.peers)),
  });
  return {
    told,
    report,
    become: (change: Partial<PairUse>) => {
      use = { ...use, ...change };
      report();
    },
  };
}

it("tells of a pair once, until it carries more", () => {
  const { told, report, become } = setUp(carrying);
  report();
  report();
  become({ counters: { ...carrying.counters, received: { messages: 1, bytes: 0 } } });
  expect(
    told.map((peers) => peers.map(({ sentBytes, receivedMessages }) => [sentBytes, receivedMessages])),
  ).toEqual([[[10, 0]], [], [[10, 1]]]);
  expect(told[0]![0]).toMatchObject({ rank: 1, path: "relay", sinceMs: 50, reason: "channel is relay" });
});

it("tells of a pair that moved to another relay, though it carries nothing more", () => {
  const { told, report, become } = setUp(carrying);
  report();
  become({ since: 400, reason: "channel is relay; relay: it closed the connection" });
  expect(told[1]).toMatchObject([{ sinceMs: 300, reason: expect.stringContaining("; relay: ") }]);
});

it("tells of the last word on why a pair is not direct", () => {
  const reason = "no connection came through the NATs";
  const { told, report, become } = setUp({ ...carrying, reason, isTrying: true });
  report();
  become({ isTrying: false });
  expect(told.map(([pair]) => pair!.reason)).toEqual([`${reason}; it still tries`, reason]);
});

it("does not tell of a pair that has carried nothing", () => {
  const { told, report } = setUp(idle);
  report();
  expect(told).toEqual([[]]);
});
