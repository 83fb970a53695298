// Registrations as the orchestrator meets them, over streams in memory and in virtual time.

import { duplexPair } from "node:stream";
import type { TLSSocket } from "node:tls";
import { FrameDecoder, protocolVersion } from "@fnmesh/core/protocol";
import { createTestLog, createVirtualClock } from "@fnmesh/core/testing";
import { expect, test } from "vitest";
import { Refusals } from "../../rendezvous/refusals.ts";
import {
  decodeToRelay,
  encodeRegistration,
  loadEveryMs,
  mostRegistrationFrameBytes,
  type RelayMessage,
  relaySilenceMs,
  type ToRelayMessage,
} from "../registration.ts";
import { RelayDesk } from "./relay-desk.ts";
import { RelayPool } from "./relay-pool.ts";

function setUp() {
  const clock = createVirtualClock();
  const pool = new RelayPool();
  const refusals = new Refusals();
  const gone: string[] = [];
  const desk = new RelayDesk({
    ...{ token: "a token of enough characters", pool, refusals, clock, log: createTestLog() },
    jobs: {
      relayKey: ({ rank }) =>
        rank === 0 ? { key: Buffer.from("key"), size: 2 } : { refused: "stale-attempt" },
      isRunning: (job) => job === "running",
      undeliverable: (...told) => gone.push(told.join(" ")),
      relayGone: (relay) => gone.push(relay),
    },
  });
  const connect = (id: string) => {
    const [near, far] = duplexPair();
    const told: ToRelayMessage[] = [];
    const decoder = new FrameDecoder(mostRegistrationFrameBytes);
    far.on("data", (bytes: Buffer) => {
      for (const frame of decoder.push(bytes)) told.push(decodeToRelay(frame));
    });
    far.on("error", () => {}); // The other end went first.
    desk.enter(id, near as unknown as TLSSocket, { host: "192.0.2.9", port: 1 });
    const send = (message: RelayMessage) => far.write(encodeRegistration(message));
    return { far, near, told, send };
  };
  return { clock, pool, refusals, gone, desk, connect };
}

const register = (change: Partial<Extract<RelayMessage, { type: "register" }>> = {}): RelayMessage => ({
  ...{ type: "register", version: protocolVersion, host: "192.0.2.9", port: 7430 },
  ...{ relayedBytes: 0, jobs: [] },
  ...change,
});
const load = (relayedBytes: number): RelayMessage => ({
  type: "load",
  jobs: 1,
  connections: 2,
  relayedBytes,
});

test("a relay is in the pool from its registration on, until its connection ends", async () => {
  const { clock, pool, gone, connect } = setUp();
  const { send, told, far } = connect("r1");
  await clock.settle();
  expect(pool.size).toBe(0);
  send(register({ jobs: ["running", "over"] }));
  await clock.settle();
  expect(told).toEqual([{ type: "registered" }, { type: "forget", job: "over" }]);
  expect(pool.forJob().take([])).toEqual({ id: "r1", host: "192.0.2.9", port: 7430 });
  far.end();
  await clock.settle();
  // Its workers see that for themselves, and ask.
  expect([pool.size, gone]).toEqual([0, []]);
  expect(clock.pendingTimers()).toEqual([]);
});

test("one that falls silent leaves the pool, and its pairs are told", async () => {
  const { clock, pool, gone, connect } = setUp();
  const { send, told } = connect("r1");
  send(register());
  for (let beat = 0; beat < 10; beat++) {
    await clock.advance(loadEveryMs);
    send(load(0));
    await clock.settle();
  }
  expect(told.filter(({ type }) => type === "heard")).toHaveLength(10);
  await clock.advance(relaySilenceMs - 1);
  expect(pool.size).toBe(1);
  await clock.advance(1);
  expect([pool.size, gone]).toEqual([0, ["r1"]]);
});

test("one that never registers is not waited for", async () => {
  const { clock, near } = ((context) => ({ ...context, ...context.connect("r1") }))(setUp());
  await clock.advance(relaySilenceMs);
  expect(near.destroyed).toBe(true);
});

test("what relays pass on is counted once, also of one that comes back", async () => {
  const { clock, desk, connect } = setUp();
  const first = connect("r1");
  first.send(register());
  first.send(load(100));
  first.send(load(250));
  await clock.settle();
  const second = connect("r1");
  second.send(register({ relayedBytes: 250 }));
  second.send(load(300));
  await clock.settle();
  expect(desk.relayedBytes).toBe(300);
  expect(first.near.destroyed).toBe(true);
});

test("one that comes back before its old connection is seen to be gone stays in the pool", async () => {
  const { clock, pool, connect } = setUp();
  connect("r1").send(register());
  await clock.settle();
  connect("r1").send(register());
  await clock.settle();
  expect(pool.size).toBe(1);
});

test("a worker's key is told for those that the jobs know, and nothing for others", async () => {
  const { clock, gone, connect } = setUp();
  const { send, told } = connect("r1");
  send(register());
  send({ type: "key", job: "running", rank: 0, attempt: 0 });
  send({ type: "key", job: "running", rank: 1, attempt: 0 });
  send({ type: "undeliverable", job: "running", from: 0, to: 1 });
  await clock.settle();
  expect(told.slice(1)).toEqual([
    {
      type: "key",
      job: "running",
      rank: 0,
      attempt: 0,
      size: 2,
      key: Buffer.from("key").toString("base64url"),
    },
    { type: "key", job: "running", rank: 1, attempt: 0, size: 0 },
  ]);
  expect(gone).toEqual(["running 0 1"]);
});

test.each<[what: string, messages: readonly RelayMessage[], reason: "protocol" | "version"]>([
  ["asks before it registers", [{ type: "key", job: "running", rank: 0, attempt: 0 }], "protocol"],
  ["registers twice", [register(), register()], "protocol"],
  ["speaks another version", [register({ version: 99 })], "version"],
  ["names no port", [register({ port: 0 })], "protocol"],
])("one that %s is refused, and counted", async (_, messages, reason) => {
  const { clock, pool, refusals, connect } = setUp();
  const { send, near } = connect("r1");
  for (const message of messages) send(message);
  await clock.settle();
  expect([near.destroyed, pool.size, refusals.counts()[reason]]).toEqual([true, 0, 1]);
});

test("when the orchestrator closes none stays, and none comes in", async () => {
  const { clock, pool, desk, connect } = setUp();
  const { near, send } = connect("r1");
  send(register());
  await clock.settle();
  desk.close();
  expect(connect("r2").near.destroyed).toBe(true);
  await clock.settle();
  expect([near.destroyed, pool.size]).toEqual([true, 0]);
  expect(clock.pendingTimers()).toEqual([]);
});
