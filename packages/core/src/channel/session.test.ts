import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeClock } from "../env/node-env.ts";
import type { FnmeshError } from "../errors/errors.ts";
import { linkPair, type TestLink } from "./link-pair.suite.ts";
import { createMailbox, type Mailbox } from "./mailbox.ts";
import { encodePeerHeader, peerFrame } from "./peer-frame.ts";
import { Session } from "./session.ts";

interface Side {
  readonly session: Session;
  readonly mailbox: Mailbox;
  readonly link: TestLink;
  readonly ended: Promise<FnmeshError>;
}

const smallWindow = { bytes: 64 * 1024, messages: 16 };

function side(rank: number, link: TestLink, window = smallWindow, mostMessageBytes = 1 << 26): Side {
  const mailbox = createMailbox({ peers: 1 });
  let onEnd: (error: FnmeshError) => void = () => {};
  const ended = new Promise<FnmeshError>((resolve) => {
    onEnd = resolve;
  });
  const session = new Session({ rank, link, mailbox, window, mostMessageBytes, clock: nodeClock, onEnd });
  return { session, mailbox, link, ended };
}

/** Worker 0 and worker 1. */
function pair(options: Parameters<typeof linkPair>[0] = {}, window = smallWindow): [Side, Side] {
  const [a, b] = linkPair(options);
  return [side(1, a, window), side(0, b, window)];
}

const message = (bytes: Uint8Array, tag = 0) => ({ tag, kind: 1, bytes, borrowed: true });
const receive = (at: Side, tag: number | "any" = 0, from: number | undefined = undefined) =>
  at.mailbox.receive({ from, tag, lane: "message" }, undefined);
const pattern = (length: number, seed = 1) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 255);

/** Whether the promise is still open after the links have carried all they can. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol("open");
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return (await Promise.race([promise, Promise.resolve(open)])) === open;
}

describe("messages", () => {
  test("arrive whole, in order, whatever their size and tag", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ tag: fc.nat(2), size: fc.oneof(fc.nat(50), fc.nat(200_000)) }), {
          maxLength: 12,
        }),
        fc.integer({ min: 1024, max: 100_000 }),
        async (plan, chunkBytes) => {
          const [a, b] = pair({ chunkBytes });
          const sent = Promise.all(
            plan.map(({ tag, size }, index) => a.session.send(message(pattern(size, index), tag))),
          );
          for (const tag of [2, 0, 1]) {
            for (const [index, { size }] of plan.entries()) {
              if (plan[index]!.tag !== tag) continue;
              const got = await receive(b, tag);
              expect(Buffer.compare(got.bytes, pattern(size, index))).toBe(0);
            }
          }
          await sent;
          expect(b.session.counters.received).toEqual(a.session.counters.sent);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("from any tag come in the order in which they began", async () => {
    const [a, b] = pair();
    for (const tag of [5, 3, 4]) await a.session.send(message(pattern(10), tag));
    const tags = [await receive(b, "any"), await receive(b, "any"), await receive(b, "any")].map(
      ({ tag }) => tag,
    );
    expect(tags).toEqual([5, 3, 4]);
  });

  test("a resolved send has no use for the memory any more", async () => {
    const [a, b] = pair();
    const bytes = pattern(300_000);
    const got = receive(b);
    await a.session.send(message(bytes));
    bytes.fill(0);
    expect(Buffer.compare((await got).bytes, pattern(300_000))).toBe(0);
  });

  test("a small one overtakes a large one with another tag", async () => {
    const [a, b] = pair({ chunkBytes: 4096, roomBytes: 4096 });
    const order: string[] = [];
    const large = receive(b, 1).then(() => order.push("large"));
    const small = receive(b, 2).then(() => order.push("small"));
    void a.session.send(message(pattern(1_000_000), 1));
    await a.session.send(message(pattern(100), 2));
    await Promise.all([large, small]);
    expect(order).toEqual(["small", "large"]);
  });
});

describe("back-pressure", () => {
  test("a sender waits when nobody receives, and no more than the window is held", async () => {
    const [a, b] = pair();
    const sends = Array.from({ length: 10 }, () => a.session.send(message(pattern(20_000))));
    expect(await isPending(Promise.all(sends))).toBe(true);
    expect(b.session.counters.received.bytes).toBeLessThanOrEqual(smallWindow.bytes);
    for (let count = 0; count < 10; count += 1) await receive(b);
    await Promise.all(sends);
  });

  test("the number of unreceived messages is bounded too, empty ones included", async () => {
    const [a, b] = pair();
    const sends = Array.from({ length: 40 }, () => a.session.send(message(new Uint8Array(0))));
    expect(await isPending(Promise.all(sends))).toBe(true);
    expect(b.session.counters.received.messages).toBe(smallWindow.messages);
    for (let count = 0; count < 40; count += 1) await receive(b);
    await Promise.all(sends);
  });

  test("messages that nobody receives do not block one that somebody waits for", async () => {
    const [a, b] = pair();
    const unwanted = [1, 2, 3].map((tag) => a.session.send(message(pattern(100_000), tag)));
    void a.session.send(message(pattern(500_000, 7), 9));
    const wanted = await receive(b, 9);
    expect(Buffer.compare(wanted.bytes, pattern(500_000, 7))).toBe(0);
    for (const tag of [3, 2, 1]) await receive(b, tag);
    await Promise.all(unwanted);
  });

  test("a message larger than the window comes when it is asked for", async () => {
    const [a, b] = pair();
    const sent = a.session.send(message(pattern(1_000_000)));
    expect(await isPending(sent)).toBe(true);
    expect((await receive(b)).bytes.length).toBe(1_000_000);
    await sent;
  });

  test("a receiver that gives up leaves its message to the next one", async () => {
    const [a, b] = pair();
    b.link.pause(); // No grant goes back yet.
    const abort = new AbortController();
    const first = b.mailbox.receive({ from: 0, tag: 0, lane: "message" }, abort.signal);
    void a.session.send(message(pattern(200_000)));
    expect(await isPending(first)).toBe(true);
    abort.abort(new Error("enough"));
    await expect(first).rejects.toThrow("enough");
    b.link.resume();
    expect((await receive(b)).bytes.length).toBe(200_000);
  });
});

describe("the end", () => {
  test("finish delivers everything first, then the other side is told that no more comes", async () => {
    const [a, b] = pair();
    const got = receive(b);
    void a.session.send(message(pattern(500_000)));
    await Promise.all([a.session.finish(AbortSignal.timeout(5_000)), got]);
    await expect(receive(b, 0, 0)).rejects.toMatchObject({ code: "PEER_FINISHED" });
    await expect(b.session.send(message(pattern(1)))).rejects.toMatchObject({ code: "PEER_FINISHED" });
  });

  test("finish waits for a peer that has not received yet, until its signal", async () => {
    const [a] = pair();
    void a.session.send(message(pattern(500_000))).catch(() => {});
    const abort = new AbortController();
    const finishing = a.session.finish(abort.signal);
    expect(await isPending(finishing)).toBe(true);
    abort.abort(new Error("no time left"));
    await expect(finishing).rejects.toThrow("no time left");
  });

  test("both sides can finish at once", async () => {
    const [a, b] = pair();
    const signal = AbortSignal.timeout(5_000);
    await Promise.all([a.session.finish(signal), b.session.finish(signal)]);
  });

  test("a link that breaks is PEER_LOST for whoever waits, and nothing is delivered in part", async () => {
    const [a, b] = pair();
    const waiting = receive(b, 0, 0);
    const sending = a.session.send(message(pattern(500_000)));
    a.link.pause();
    a.link.destroy(new Error("cut"));
    await expect(waiting).rejects.toMatchObject({ code: "PEER_LOST" });
    await expect(sending).rejects.toMatchObject({ code: "PEER_LOST" });
    await expect(a.session.send(message(pattern(1)))).rejects.toMatchObject({ code: "PEER_LOST" });
    expect((await a.ended).code).toBe("PEER_LOST");
  });

  test("what was whole before the break can still be received", async () => {
    const [a, b] = pair();
    await a.session.send(message(pattern(10)));
    expect(await isPending(b.ended)).toBe(true);
    a.link.destroy(new Error("cut"));
    await b.ended;
    expect((await receive(b, 0, 0)).bytes.length).toBe(10);
  });
});

describe("a peer that breaks the rules", () => {
  const data = (fields: object, payload = 0) =>
    encodePeerHeader({ type: peerFrame.data, flags: 7, kind: 1, ...fields }, payload, payload);

  test.each([
    ["a chunk of a message that never began", data({ flags: 0, message: 3 }, 10)],
    ["a message out of order", data({ message: 1, total: 10 }, 10)],
    ["a message longer than it said", data({ message: 0, total: 5 }, 10)],
    ["a message shorter than it said", data({ message: 0, total: 50 }, 10)],
    ["a message larger than allowed", data({ message: 0, total: 2 ** 31 }, 10)],
    ["a handshake frame in the session", encodePeerHeader({ type: peerFrame.nominate })],
    ["a payload where none belongs", encodePeerHeader({ type: peerFrame.ping }, 4, 4)],
    ["an unknown type", encodePeerHeader({ type: 99 })],
    ["a frame longer than any may be", encodePeerHeader({ type: peerFrame.data }, 2 ** 30)],
    ["rubbish", Buffer.alloc(64, 0xee)],
  ])("%s ends the session with an error that says so", async (_, bytes) => {
    const [a, b] = pair();
    a.link.write(bytes);
    expect(["PROTOCOL", "FRAME_TOO_LARGE", "MESSAGE_TOO_LARGE"]).toContain((await b.ended).code);
  });

  test("more than the window allows", async () => {
    const [raw, link] = linkPair();
    const receiver = side(0, link);
    raw.attach({ place: () => new Uint8Array(0), frame: () => {} }, { onDrain() {}, onClose() {} });
    for (let id = 0; id < 3; id += 1) raw.write(data({ message: id, total: 30_000 }, 30_000));
    expect((await receiver.ended).code).toBe("PROTOCOL");
  });
});
