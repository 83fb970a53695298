import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { linkPair, type TestLink } from "../channel/link-pair.suite.ts";
import { createMailbox } from "../channel/mailbox.ts";
import { peerFrame } from "../channel/peer-frame.ts";
import { Session } from "../channel/session.ts";
import { nodeClock } from "../env/node-env.ts";
import type { FnmeshError } from "../errors/errors.ts";
import { LastingLink } from "./lasting-link.ts";

const window = { bytes: 64 * 1024, messages: 64 };

function side(rank: number) {
  const mailbox = createMailbox({ peers: 1 });
  const broken: Error[] = [];
  let moves = 0;
  const lasting = new LastingLink({
    mostKeptBytes: 32 * 1024,
    onBroken: (error) => broken.push(error),
    onMoved: () => {
      moves += 1;
    },
    onReturned: () => {},
  });
  let ended: FnmeshError | undefined;
  const session = new Session({
    rank,
    link: lasting,
    mailbox,
    window,
    mostMessageBytes: 1 << 24,
    clock: nodeClock,
    onEnd: (error) => {
      ended = error;
    },
  });
  return {
    lasting,
    session,
    broken,
    get moves() {
      return moves;
    },
    get ended() {
      return ended;
    },
    send: (bytes: Uint8Array, tag = 0) => session.send({ tag, kind: 1, bytes, borrowed: true }),
    receive: (tag = 0) => mailbox.receive({ from: undefined, tag, lane: "message" }, undefined),
  };
}

type Side = ReturnType<typeof side>;

const bytesOf = (index: number, size: number) =>
  Uint8Array.from({ length: size }, (_, at) => (at + index) & 255);
const turns = async (count: number) => {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

const cut = (link: TestLink) => link.destroy(new Error("cut"));

/** What each step does to a pair that is sending all the while. */
type Step =
  | { readonly do: "move"; readonly lag: number; readonly first: 0 | 1; readonly chunkBytes: number }
  | { readonly do: "cut"; readonly after: number }
  | { readonly do: "a new one that fails at once"; readonly after: number }
  | { readonly do: "wait"; readonly turns: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant("move" as const),
    lag: fc.nat(6),
    first: fc.constantFrom(0 as const, 1 as const),
    chunkBytes: fc.integer({ min: 500, max: 20_000 }),
  }),
  fc.record({ do: fc.constant("cut" as const), after: fc.nat(4) }),
  fc.record({ do: fc.constant("a new one that fails at once" as const), after: fc.nat(3) }),
  fc.record({ do: fc.constant("wait" as const), turns: fc.nat(8) }),
);

/** Two sides, and the newest carrier between them. */
class Fabric {
  readonly sides: readonly [Side, Side] = [side(1), side(0)];
  #newest: TestLink | undefined;

  async move(keeps = true, { lag = 0, first = 0, chunkBytes = 4096 } = {}): Promise<void> {
    const links = linkPair({ chunkBytes });
    const order = first === 0 ? ([0, 1] as const) : ([1, 0] as const);
    for (const at of order) {
      this.sides[at].lasting.move(links[at], keeps);
      await turns(lag);
    }
    this.#newest = links[0];
  }

  async play(step: Step): Promise<void> {
    switch (step.do) {
      case "move":
        return this.move(true, step);
      case "wait":
        return turns(step.turns);
      case "cut":
        await turns(step.after);
        if (this.#newest !== undefined) cut(this.#newest);
        // What the orchestrator does then: both get another one.
        return this.move();
      default: {
        // One side's punch succeeded, the other side's broke off: only one of them ever moves.
        const [mine] = linkPair();
        this.sides[0].lasting.move(mine, false);
        await turns(step.after);
        cut(mine);
      }
    }
  }
}

describe("a session over several carriers", () => {
  test("has every message once and in order, whatever becomes of its carriers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 8 }),
        fc.array(fc.oneof(fc.nat(300), fc.nat(60_000)), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        async (steps, sizes, endsDirect) => {
          const fabric = new Fabric();
          const [a, b] = fabric.sides;
          await fabric.move();
          const sending = [a, b].map(async (one) => {
            for (const [index, size] of sizes.entries()) {
              await one.send(bytesOf(index, size));
              await turns(index % 3);
            }
          });
          const receiving = [a, b].map(async (one) => {
            for (const [index, size] of sizes.entries()) {
              const { bytes } = await one.receive();
              expect(Buffer.compare(bytes, bytesOf(index, size))).toBe(0);
            }
          });
          for (const step of steps) await fabric.play(step);
          await fabric.move(!endsDirect);
          await Promise.all([...sending, ...receiving]);
          const { signal } = new AbortController();
          await Promise.all([a.session.finish(signal), b.session.finish(signal)]);
          expect([a.ended, b.ended]).toEqual([undefined, undefined]);
          a.session.close();
          b.session.close();
        },
      ),
      { numRuns: 100, timeout: 15_000 },
    );
  }, 60_000);

  test("memory that was lent is the caller's again, and what it writes there does not show", async () => {
    const { sides, move } = bound(new Fabric());
    const [a, b] = sides;
    await move();
    const bytes = bytesOf(3, 30_000);
    await a.send(bytes);
    bytes.fill(0);
    await move();
    expect(Buffer.compare((await b.receive()).bytes, bytesOf(3, 30_000))).toBe(0);
  });

  test("keeps no more than it may: the sender waits for the other side's acknowledgement", async () => {
    const [a] = [side(1)];
    const [near, far] = linkPair({ roomBytes: 1 << 30 });
    a.lasting.move(near, true);
    far.attach(
      { place: (header) => new Uint8Array(header.payloadBytes), frame: () => {} },
      {
        onDrain: () => {},
        onClose: () => {},
      },
    );
    const sends = Array.from({ length: 100 }, (_, index) => a.send(bytesOf(index, 1000)));
    sends.forEach((send) => void send.catch(() => {}));
    await turns(50);
    expect(near.frames.length).toBeLessThan(33);
    a.session.close();
  });

  test("a carrier without memory, once it is open, is the last: when it breaks, so does the session", async () => {
    const { sides, move } = bound(new Fabric());
    const [a, b] = sides;
    await move();
    const [mine, yours] = linkPair();
    a.lasting.move(mine, false);
    b.lasting.move(yours, false);
    await turns(6);
    expect([a.moves, b.moves]).toEqual([1, 1]);
    cut(mine);
    expect(a.ended).toMatchObject({ code: "PEER_LOST" });
    expect(a.broken).toEqual([]);
  });

  test("a carrier that breaks is told once, and what is sent meanwhile waits for the next", async () => {
    const { sides, move } = bound(new Fabric());
    const [a, b] = sides;
    const [mine, yours] = linkPair();
    a.lasting.move(mine, true);
    b.lasting.move(yours, true);
    cut(mine);
    expect([a.broken.length, b.broken.length]).toEqual([1, 1]);
    const sent = a.send(bytesOf(1, 20_000));
    await turns(5);
    await move();
    await sent;
    expect((await b.receive()).bytes.length).toBe(20_000);
  });

  test("a peer that goes on from where it cannot be ends the session", async () => {
    const a = side(1);
    const [first] = linkPair();
    a.lasting.move(first, true);
    const [mine, yours] = linkPair();
    yours.attach({ place: () => new Uint8Array(0), frame: () => {} }, { onDrain() {}, onClose() {} });
    a.lasting.move(mine, true);
    const resume = Buffer.alloc(20);
    resume.writeUInt32LE(16, 0);
    resume[4] = peerFrame.resume;
    resume[6] = 1; // An answer,
    resume.writeUInt32LE(7, 8); // that 7 frames were taken in,
    resume.writeUInt32LE(1, 12); // to the first question.
    yours.write(resume);
    await turns(5);
    expect(a.broken.length + (a.ended === undefined ? 0 : 1)).toBe(1);
    a.session.close();
  });
});

function bound(fabric: Fabric) {
  return { sides: fabric.sides, move: (keeps?: boolean) => fabric.move(keeps) };
}
