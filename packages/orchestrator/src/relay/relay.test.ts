import { decodeRelayData, encodeRelayData, FrameDecoder, mostRelayFrameBytes } from "@fnmesh/core/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mostQueuedBytesPerSource, Relay } from "./relay.ts";

const frameOf = (bytes: Uint8Array) => [...new FrameDecoder(mostRelayFrameBytes + 5).push(bytes)][0]!;
const frame = (to: number, bytes: number | string) =>
  frameOf(encodeRelayData(to, [typeof bytes === "string" ? Buffer.from(bytes) : new Uint8Array(bytes)]));

function setUp(size = 4) {
  const undeliverable: [number, number][] = [];
  const relay = new Relay({ size, onUndeliverable: (from, to) => undeliverable.push([from, to]) });
  /** An exit that takes `room` frames at a time. */
  const exit = (rank: number, room = Number.POSITIVE_INFINITY) => {
    const got: { rank: number; text: string }[] = [];
    let left = room;
    const write = (bytes: Uint8Array) => {
      const data = decodeRelayData(frameOf(bytes));
      got.push({ rank: data.rank, text: Buffer.from(data.bytes).toString() });
      left -= 1;
      return left > 0;
    };
    relay.open(rank, { write });
    const more = (frames: number) => {
      left = frames;
      relay.roomFor(rank);
    };
    return { got, more };
  };
  return { relay, exit, undeliverable };
}

/** Sends until the relay says to wait; returns how many frames that took, and the wait. */
function fill(relay: Relay, from: number, to: number, bytes: number) {
  for (let count = 1; ; count++) {
    const wait = relay.accept(from, frame(to, bytes));
    if (wait !== undefined) return { count, wait };
  }
}

async function isSettled(promise: Promise<void>): Promise<boolean> {
  let settled = false;
  void promise.then(() => {
    settled = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return settled;
}

describe("the relay", () => {
  test("replaces the receiver's rank by the sender's, and changes nothing else", () => {
    const { relay, exit } = setUp();
    const { got } = exit(2);
    expect(relay.accept(1, frame(2, "as it is"))).toBeUndefined();
    expect(got).toEqual([{ rank: 1, text: "as it is" }]);
    expect(relay.relayedBytes).toBe(8);
  });

  test("lets a small frame pass by what another has queued before it", () => {
    const { relay, exit } = setUp();
    const { got, more } = exit(3, 1);
    for (let count = 0; count < 12; count++) void relay.accept(0, frame(3, 60_000));
    void relay.accept(1, frame(3, "small"));
    more(3);
    expect(got.map(({ rank }) => rank)).toContain(1);
  });

  test.each([
    ["long frames", 64 * 1024],
    ["tiny frames, whose overhead counts", 1],
  ])("holds a sender back at the bound and lets it go at half of it: %s", async (_, bytes) => {
    const { relay, exit } = setUp();
    const { more } = exit(1, 1);
    const { wait } = fill(relay, 0, 1, bytes);
    expect(relay.queuedBytes(0)).toBeGreaterThan(mostQueuedBytesPerSource);
    expect(relay.queuedBytes(0)).toBeLessThan(mostQueuedBytesPerSource + 70_000);
    while (relay.queuedBytes(0) > mostQueuedBytesPerSource / 2) {
      expect(await isSettled(wait)).toBe(false);
      more(bytes === 1 ? 1000 : 1);
    }
    expect(await isSettled(wait)).toBe(true);
  });

  test("holds back only the sender that has too much, not others to the same receiver", () => {
    const { relay } = setUp();
    fill(relay, 0, 1, 60_000);
    expect(relay.accept(2, frame(1, 60_000))).toBeUndefined();
  });

  test("keeps what comes before the receiver does, and gives it out when it is there", () => {
    const { relay, exit } = setUp();
    void relay.accept(0, frame(1, "a"));
    void relay.accept(0, frame(1, "b"));
    expect(exit(1).got.map(({ text }) => text)).toEqual(["a", "b"]);
  });

  test("drops what waits for a receiver that has gone, lets its senders go on, and tells each once", async () => {
    const { relay, undeliverable } = setUp();
    const { wait } = fill(relay, 0, 1, 60_000);
    relay.close(1);
    relay.close(1);
    expect(await isSettled(wait)).toBe(true);
    expect(relay.queuedBytes(0)).toBe(0);
    void relay.accept(0, frame(1, "x"));
    void relay.accept(0, frame(1, "x"));
    void relay.accept(2, frame(1, "x"));
    expect(undeliverable).toEqual([
      [0, 1],
      [2, 1],
    ]);
  });

  test("drops what is sent to one that is away, and serves it again when it is back", async () => {
    const { relay, exit, undeliverable } = setUp();
    exit(1, 1);
    const { wait } = fill(relay, 0, 1, 60_000);
    relay.lost(1);
    expect(await isSettled(wait)).toBe(true);
    void relay.accept(0, frame(1, "nobody reads it"));
    void relay.accept(0, frame(1, "nor this"));
    expect(undeliverable).toEqual([[0, 1]]);
    const { got } = exit(1);
    void relay.accept(0, frame(1, "here again"));
    expect(got.map(({ text }) => text)).toEqual(["here again"]);
    relay.lost(1);
    void relay.accept(0, frame(1, "gone again"));
    expect(undeliverable).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test.each([
    ["the sender itself", frame(0, "x")],
    ["a rank beyond the job", frame(4, "x")],
    ["a type that the relay does not have", { type: 9, body: new Uint8Array(8) }],
    ["a frame without a rank", { type: 1, body: new Uint8Array(3) }],
  ])("refuses %s", (_, bad) => {
    expect(() => setUp().relay.accept(0, bad)).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });
});

test("whatever the order of frames and room: each pair's frames arrive once and in order, and nothing is left", () => {
  const size = 4;
  const rank = fc.integer({ min: 0, max: size - 1 });
  const step = fc.oneof(
    fc.record({ from: rank, to: rank }),
    fc.record({ room: rank, frames: fc.integer({ min: 1, max: 5 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const { relay, exit } = setUp(size);
      const exits = Array.from({ length: size }, (_, one) => exit(one, 1));
      const sent = new Map<string, string[]>();
      for (const [index, each] of steps.entries()) {
        if ("room" in each) exits[each.room]!.more(each.frames);
        else if (each.from !== each.to) {
          void relay.accept(each.from, frame(each.to, `${index}`));
          const pair = `${each.from}>${each.to}`;
          sent.set(pair, [...(sent.get(pair) ?? []), `${index}`]);
        }
      }
      for (const { more } of exits) more(1000);
      const received = new Map<string, string[]>();
      for (const [to, { got }] of exits.entries()) {
        for (const { rank: from, text } of got) {
          const pair = `${from}>${to}`;
          received.set(pair, [...(received.get(pair) ?? []), text]);
        }
      }
      expect(received).toEqual(sent);
      for (let from = 0; from < size; from++) expect(relay.queuedBytes(from)).toBe(0);
    }),
  );
});
