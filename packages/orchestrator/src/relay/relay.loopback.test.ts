// The relay between workers played by hand over real sockets.

import { decodeRelayData, encodeRelayData, relayChunkBytes, relayFrame } from "@fnmesh/core/protocol";
import { afterEach, expect, test } from "vitest";
import { createTestBench, type TestBench } from "../jobs/testing/test-bench.ts";
import { dialAs, type FakeWorker, type RawConnection } from "../rendezvous/testing/fake-worker.ts";

/** A busy machine takes its time. */
const patient = { timeout: 10_000 };

let bench: TestBench;
afterEach(() => bench.close());

async function setUp(workers: number) {
  bench = await createTestBench();
  return bench.play({ workers, channel: "relay" });
}

async function relayOf(worker: FakeWorker): Promise<RawConnection> {
  const relay = await dialAs(worker.invocation, "relay");
  expect((await relay.next()).type).toBe(relayFrame.ready);
  return relay;
}

const chunk = Buffer.alloc(relayChunkBytes, 7);
const text = async (relay: RawConnection) => {
  const { rank, bytes } = decodeRelayData(await relay.next());
  return `${rank}: ${Buffer.from(bytes)}`;
};
const say = (relay: RawConnection, to: number, words: string) =>
  relay.socket.write(encodeRelayData(to, [Buffer.from(words)]));

test("a frame reaches the rank it names, under its sender's rank, in order", async () => {
  const { workers } = await setUp(3);
  const [a, b, c] = await Promise.all(workers.map(relayOf));
  say(a!, 2, "one");
  say(a!, 2, "two");
  expect(await text(c!)).toBe("0: one");
  expect(await text(c!)).toBe("0: two");
  say(c!, 1, "three");
  expect(await text(b!)).toBe("2: three");
  expect(bench.orchestrator.stats().relayedBytes).toBe("onetwothree".length);
});

test("what is sent to a worker before its relay connection stands is held for it", async () => {
  const { workers } = await setUp(2);
  const a = await relayOf(workers[0]!);
  say(a, 1, "early");
  workers[0]!.send({ type: "ping", id: 1 });
  await workers[0]!.message("pong");
  const b = await relayOf(workers[1]!);
  expect(await text(b)).toBe("0: early");
});

test("a reader that has stopped holds its sender back, and starves nobody else", async () => {
  const { workers } = await setUp(4);
  const [flooder, stopped, talker, listener] = await Promise.all(workers.map(relayOf));
  stopped!.socket.pause();
  let accepted = 0;
  const flood = () => {
    while (accepted < 512 && !flooder!.socket.writableNeedDrain) {
      flooder!.socket.write(encodeRelayData(1, [chunk]));
      accepted += 1;
    }
  };
  flooder!.socket.on("drain", flood);
  flood();
  for (let round = 0; round < 100; round++) {
    say(talker!, 3, `${round}`);
    expect(await text(listener!)).toBe(`2: ${round}`);
  }
  // 32 MiB were wanted; what is under way is bounded by the relay's queue and the sockets' buffers.
  await expect.poll(() => flooder!.socket.writableNeedDrain, patient).toBe(true);
  expect(accepted).toBeLessThan(400);
  expect(bench.orchestrator.stats().relayedBytes).toBeLessThan(16 * 1024 * 1024);
  stopped!.socket.resume();
  for (let received = 0; received < 512; received++) {
    expect(decodeRelayData(await stopped!.next()).bytes.length).toBe(relayChunkBytes);
  }
});

/** The orchestrator has done what it was told before. */
async function settled(worker: FakeWorker): Promise<void> {
  worker.send({ type: "ping", id: 7 });
  await worker.message("pong");
}

test("a worker whose relay connection ends is not lost: it asks for another way, holds up nobody, and may come again", async () => {
  const { workers } = await setUp(3);
  const [a, b, c] = await Promise.all(workers.map(relayOf));
  workers[0]!.send({ type: "connect", peers: [1] });
  for (const worker of workers.slice(0, 2)) await worker.message("route");
  b!.socket.destroy();
  await expect.poll(() => bench.orchestrator.stats().connections.relay, patient).toBe(2);
  // More than a sender may have waiting, for somebody who does not read it.
  for (let frames = 0; frames < 64; frames++) a!.socket.write(encodeRelayData(1, [chunk]));
  say(a!, 2, "I go on");
  expect(await text(c!)).toBe("0: I go on");
  workers[1]!.send({ type: "fallback", peer: 0, route: 1, reason: "it broke" });
  for (const worker of workers.slice(0, 2)) {
    expect(await worker.message("noroute")).toMatchObject({ reason: "it broke" });
  }
  const again = await relayOf(workers[1]!);
  say(c!, 1, "welcome back");
  expect(await text(again)).toBe("2: welcome back");
  await settled(workers[0]!);
  const left = workers[0]!.message("gone").then(
    () => "gone",
    () => "none",
  );
  await bench.close();
  expect(await left).toBe("none");
});

test("who sends to a worker that has finished and left is told so", async () => {
  const { workers } = await setUp(3);
  const [a, b] = await Promise.all(workers.slice(0, 2).map(relayOf));
  workers[1]!.send({ type: "result", value: null });
  expect(await workers[0]!.message("gone")).toEqual({ type: "gone", peer: 1, reason: "finished" });
  b!.socket.destroy();
  await expect.poll(() => bench.orchestrator.stats().connections.relay, patient).toBe(1);
  say(a!, 1, "too late");
  expect(await workers[0]!.message("gone")).toEqual({ type: "gone", peer: 1, reason: "finished" });
});

test("a second relay connection of a worker is refused, and the first goes on", async () => {
  const { workers } = await setUp(2);
  const [a, b] = await Promise.all(workers.map(relayOf));
  const second = await dialAs(workers[1]!.invocation, "relay");
  await second.closed;
  expect(bench.orchestrator.stats().refused.duplicate).toBe(1);
  say(a!, 1, "still here");
  expect(await text(b!)).toBe("0: still here");
});
