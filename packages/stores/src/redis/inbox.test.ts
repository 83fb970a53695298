import { encodePeerHeader, type PeerFrameSink, peerFrame } from "@fnmesh/core/internal";
import { seededRandom } from "@fnmesh/core/testing";
import { expect, it } from "vitest";
import { type EntryHead, encodeEntryHead } from "./entry.ts";
import { FrameFeed } from "./frame-feed.ts";
import { Inbox } from "./inbox.ts";

const data = (message: number, payload: Uint8Array) =>
  Buffer.concat([encodePeerHeader({ type: peerFrame.data, message }, payload.length), payload]);
const entry = (number: number, frames: readonly Uint8Array[], rank = 3, attempt = 1) =>
  Buffer.concat([encodeEntryHead({ rank, attempt, number }), ...frames]);

/** A whole value, or the first bytes of it before the connection breaks. */
function read(
  inbox: Inbox,
  value: Uint8Array,
  until = value.length,
  mostRead = value.length,
  seed = "",
): void {
  const random = seededRandom(seed);
  const target = inbox.begin(value.length);
  for (let at = 0; at < until; ) {
    const count = Math.min(until - at, random.int(1, mostRead + 1));
    const room = target.room();
    if (room !== undefined && room.length >= count && random.int(0, 2) === 0) {
      room.set(value.subarray(at, at + count));
      target.filled(count);
    } else {
      target.push(value.subarray(at, at + count));
    }
    at += count;
  }
  if (until === value.length) target.end();
  else inbox.cut();
}

function collector() {
  const frames: { message: number; payload: string }[] = [];
  const errors: Error[] = [];
  let placed = 0;
  const sink: PeerFrameSink = {
    place: (header) => {
      placed += 1;
      return Buffer.alloc(header.payloadBytes);
    },
    frame: ({ message }, payload) => frames.push({ message, payload: Buffer.from(payload).toString("hex") }),
  };
  return {
    frames,
    errors,
    placed: () => placed,
    feed: new FrameFeed(sink, 1000, (error) => errors.push(error)),
  };
}

const noGap = ({ rank, number }: EntryHead) => {
  throw new Error(`a gap before ${number} of ${rank}`);
};

it("takes each entry in once, wherever the connection broke and whatever was sent twice", () => {
  for (let seed = 0; seed < 200; seed += 1) {
    const random = seededRandom(seed);
    const inbox = new Inbox(noGap);
    const { frames, errors, feed, placed } = collector();
    inbox.open({ rank: 3, attempt: 1 }, feed);
    const payloads = Array.from({ length: 20 }, () => random.bytes(random.int(0, 200)));
    const entries: Buffer[] = [];
    for (let at = 0; at < payloads.length; ) {
      const count = random.int(1, 4);
      const some = payloads.slice(at, at + count).map((payload, index) => data(at + index, payload));
      entries.push(entry(entries.length + 1, some));
      at += count;
    }
    for (const [at, value] of entries.entries()) {
      while (random.int(0, 3) === 0) read(inbox, value, random.int(0, value.length), 50, `${seed}.${at}`);
      read(inbox, value, value.length, 50, `${seed}+${at}`);
      if (random.int(0, 3) === 0) read(inbox, entries[random.int(0, at + 1)]!);
    }
    expect(errors).toEqual([]);
    const expected = payloads.map((payload, message) => ({
      message,
      payload: Buffer.from(payload).toString("hex"),
    }));
    expect(frames, `seed ${seed}`).toEqual(expected);
    expect(placed(), `seed ${seed}`).toBe(payloads.filter(({ length }) => length > 0).length);
  }
});

it("keeps entries for a link that comes later, even in the middle of one", async () => {
  const inbox = new Inbox(noGap);
  const { frames, feed } = collector();
  read(inbox, entry(1, [data(0, Buffer.from("early"))]));
  const second = entry(2, [data(1, Buffer.from("in between"))]);
  const target = inbox.begin(second.length);
  target.push(second.subarray(0, 20));
  inbox.open({ rank: 3, attempt: 1 }, feed);
  expect(frames).toEqual([]); // Whoever opens it is not listening yet.
  await Promise.resolve();
  target.push(second.subarray(20));
  target.end();
  expect(frames.map(({ message }) => message)).toEqual([0, 1]);
});

it("tells of an entry that is missing, and of no more", () => {
  const gaps: EntryHead[] = [];
  const inbox = new Inbox((gap) => gaps.push(gap));
  const { frames, feed } = collector();
  inbox.open({ rank: 3, attempt: 1 }, feed);
  read(inbox, entry(1, [data(0, Buffer.from("a"))]));
  read(inbox, entry(3, [data(2, Buffer.from("c"))]));
  expect(gaps).toEqual([{ rank: 3, attempt: 1, number: 3 }]);
  expect(frames).toHaveLength(1);
});

it("gives nothing of another attempt, of a peer that is gone, or of an empty entry", () => {
  const inbox = new Inbox(noGap);
  const { frames, feed } = collector();
  read(inbox, Buffer.alloc(0));
  read(inbox, entry(1, [data(9, Buffer.from("old, early"))], 3, 0));
  inbox.open({ rank: 3, attempt: 1 }, feed);
  read(inbox, entry(2, [data(9, Buffer.from("old"))], 3, 0));
  read(inbox, entry(1, [data(9, Buffer.from("unknown"))], 3, 2));
  read(inbox, entry(1, [data(0, Buffer.from("mine"))]));
  inbox.gone(3);
  read(inbox, entry(2, [data(1, Buffer.from("too late"))]));
  expect(frames.map(({ message }) => message)).toEqual([0]);
});

it("ends a link over what is no frame: too long, unreadable, or cut by the entry's end; others go on", () => {
  const bad = [
    encodePeerHeader({ type: peerFrame.data }, 1001),
    Buffer.alloc(20, 255),
    data(0, Buffer.from("whole")).subarray(0, 22),
  ];
  for (const bytes of bad) {
    const inbox = new Inbox(noGap);
    const [first, second] = [collector(), collector()];
    inbox.open({ rank: 3, attempt: 1 }, first.feed);
    inbox.open({ rank: 4, attempt: 1 }, second.feed);
    read(inbox, entry(1, [bytes]));
    read(inbox, entry(2, [data(0, Buffer.from("after it"))]));
    read(inbox, entry(1, [data(0, Buffer.from("fine"))], 4));
    expect(first.errors).toHaveLength(1);
    expect(first.frames).toEqual([]);
    expect(second.frames).toHaveLength(1);
  }
});
