import { FnmeshError } from "@fnmesh/core";
import { encodePeerHeader, peerFrame } from "@fnmesh/core/internal";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Collector, pattern } from "../testing/collector.ts";
import { layouts, objectMesh, patterns, payloads } from "../testing/object-mesh.ts";

const each = Object.entries(layouts);

describe.each(each)("%s: frames", (_, layout) => {
  test("come in order, exactly once, whatever the store delays, fails and reorders", async () => {
    const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(40), fc.integer({ min: 1, max: 30_000 })), {
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.boolean(), async (plan, seed, borrowed) => {
        const { open, close } = objectMesh(2, {
          layout,
          seed,
          mostDelayMs: 4,
          failing: 0.1,
          mostBytes: 40_000,
        });
        const [a, b] = [open(0, 1), open(1, 0)];
        const send = async (from: Collector) => {
          for (const [message, size] of plan.entries()) {
            const bytes = pattern(size, message);
            if (borrowed) void from.send(message, bytes).then(() => bytes.fill(0));
            else await from.sendSmall(message, bytes);
          }
        };
        await Promise.all([send(a), send(b)]);
        for (const end of [a, b]) {
          const frames = await end.take(plan.length);
          expect(frames.map(({ message }) => message)).toEqual(plan.map((_, index) => index));
          expect(payloads(frames)).toEqual(patterns(plan));
        }
        await close();
        expect([a.frames.length, b.frames.length]).toEqual([plan.length, plan.length]);
      }),
      { numRuns: 25 },
    );
  });

  test("without payload go as notes, behind the data before them", async () => {
    const { open, close, stores } = objectMesh(2, { layout, mostDelayMs: 20 });
    const [a, b] = [open(0, 1), open(1, 0)];
    a.say(peerFrame.window, 1);
    await a.send(2, pattern(50_000, 2));
    a.say(peerFrame.grant, 3);
    a.say(peerFrame.goodbye, 4);
    const frames = await b.take(4);
    expect(frames.map(({ message }) => message)).toEqual([1, 2, 3, 4]);
    expect(stores[0]!.usage.puts).toBe(1);
    b.say(peerFrame.goodbyeAck);
    await a.take(1);
    expect(stores[1]!.usage.puts).toBe(0);
    await close();
  });

  test("never have their payload in a note", async () => {
    const { open, close, board } = objectMesh(2, { layout });
    const [a, b] = [open(0, 1), open(1, 0)];
    for (let message = 0; message < 200; message += 1) await a.sendSmall(message, pattern(1_000, message));
    await b.take(200);
    expect(board.sent.bytes).toBeLessThan(200 * 60);
    await close();
  });

  test("that came before the link was opened are kept for it", async () => {
    const { open, close } = objectMesh(2, { layout });
    const a = open(0, 1);
    await a.send(0, pattern(100, 0));
    a.say(peerFrame.ping, 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(payloads(await open(1, 0).take(2))).toEqual(patterns([100, 0]));
    await close();
  });

  test("of a message of 64 MiB come whole, with few at once", async () => {
    const { open, close, stores } = objectMesh(2, { layout });
    const [a, b] = [open(0, 1), open(1, 0)];
    const message = pattern(64 * 2 ** 20, 5);
    const { chunkBytes } = a.link;
    const chunks = Math.ceil(message.length / chunkBytes);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      void a.send(chunk, message.subarray(chunk * chunkBytes, (chunk + 1) * chunkBytes));
    }
    const frames = await b.take(chunks);
    expect(Buffer.compare(Buffer.concat(frames.map(({ payload }) => payload)), message)).toBe(0);
    expect(stores[0]!.busiest.puts).toBeLessThanOrEqual(layout.mostPuts);
    expect(stores[1]!.busiest.gets).toBeLessThanOrEqual(layout.mostGets);
    await close();
  });

  test("to and from many peers all come", async () => {
    const size = 8;
    const { open, close } = objectMesh(size, { layout, mostDelayMs: 5, failing: 0.05 });
    const ends = new Map<string, Collector>();
    for (let from = 0; from < size; from += 1)
      for (let to = 0; to < size; to += 1) if (from !== to) ends.set(`${from} ${to}`, open(from, to));
    for (let round = 0; round < 3; round += 1)
      for (const [name, end] of ends) await end.sendSmall(round, Buffer.from(`${name} ${round}`));
    for (const [name, end] of ends) {
      const [from, to] = name.split(" ");
      const texts = payloads(await end.take(3));
      expect(texts).toEqual([0, 1, 2].map((round) => `${to} ${from} ${round}`));
    }
    await close();
  });
});

describe.each(each)("%s: a link", (_, layout) => {
  test("takes nothing of, and nothing for, another attempt", async () => {
    const { hubs, close, board } = objectMesh(2, { layout, attempts: [0, 1] });
    const toOlder = new Collector(hubs[0]!.open({ rank: 1, attempt: 0 }));
    await toOlder.send(0, pattern(10, 0));
    const ofYounger = new Collector(hubs[1]!.open({ rank: 0, attempt: 7 }));
    await ofYounger.send(0, pattern(10, 1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(board.sent.notes).toBe(2);
    expect([toOlder.frames, ofYounger.frames]).toEqual([[], []]);
    await close();

    const second = objectMesh(2, { layout, attempts: [3, 1] });
    const older = new Collector(second.hubs[0]!.open({ rank: 1, attempt: 1 }));
    const younger = new Collector(second.hubs[1]!.open({ rank: 0, attempt: 4 }));
    await older.send(0, pattern(10, 0));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([younger.frames, younger.closed]).toEqual([[], undefined]);
    await second.close();
  });

  test("ends with the error of a peer that is gone, also when it is opened later", async () => {
    const { hubs, open, close } = objectMesh(3, { layout });
    const a = open(0, 1);
    const error = new FnmeshError("PEER_LOST", "worker 1 is gone");
    hubs[0]!.gone(1, error);
    expect(await a.end()).toBe(error);
    hubs[0]!.gone(2, error);
    expect(await open(0, 2).end()).toBe(error);
    await close();
  });

  test("ends with STORE_LOST when an object is gone, and only that link", async () => {
    const { open, close, service } = objectMesh(3, { layout });
    const [a, other] = [open(0, 1), open(0, 2)];
    const otherEnd = open(2, 0);
    await a.send(0, pattern(1_000, 0));
    await a.until(() => true);
    while (service.objects.size === 0) await new Promise((resolve) => setImmediate(resolve));
    service.objects.clear();
    const b = open(1, 0);
    expect(await b.end()).toMatchObject({ code: "STORE_LOST" });
    await other.send(0, pattern(10, 1));
    expect((await otherEnd.take(1)).length).toBe(1);
    await close();
  });

  test.each(["STORE_UNAVAILABLE", "STORE_AUTH", "STORE_FULL"] as const)(
    "ends with %s, and all do",
    async (code) => {
      const { open, close, service } = objectMesh(3, { layout });
      const ends = [open(0, 1), open(0, 2)];
      service.failure = new FnmeshError(code, "no more");
      void ends[0]!.send(0, pattern(1_000, 0));
      for (const end of ends) expect(await end.end()).toMatchObject({ code });
      const [late] = [open(0, 3)];
      expect(await late.end()).toMatchObject({ code });
      await close();
    },
  );

  test("ends when the sink throws, without harm to others", async () => {
    const { open, close } = objectMesh(3, { layout });
    const [a, c] = [open(0, 1), open(0, 2)];
    const [b, d] = [open(1, 0), open(2, 0)];
    b.onFrame = () => {
      throw new FnmeshError("MESSAGE_TOO_LARGE", "no");
    };
    await a.send(0, pattern(10, 0));
    expect(await b.end()).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    await c.send(0, pattern(10, 0));
    await d.take(1);
    await close();
  });
});

describe.each(each)("%s: the hub", (_, layout) => {
  test("delivers on close what was written", async () => {
    const { hubs, open, close } = objectMesh(2, { layout, mostDelayMs: 20 });
    const [a, b] = [open(0, 1), open(1, 0)];
    for (let message = 0; message < 10; message += 1) void a.sendSmall(message, pattern(500, message));
    await hubs[0]!.close();
    expect(await a.end()).toBeUndefined();
    expect((await b.take(10)).length).toBe(10);
    await close();
  });

  test("can be destroyed with requests under way, and twice", async () => {
    const { hubs, open, close } = objectMesh(2, { layout, mostDelayMs: 20 });
    const [a] = [open(0, 1), open(1, 0)];
    void a.send(0, pattern(100, 0));
    hubs[0]!.destroy();
    hubs[0]!.destroy();
    expect(await a.end()).toMatchObject({ code: "CLOSED" });
    await close();
  });

  test("makes its senders wait when much is under way, and lets all of them go on", async () => {
    const held = { ...layout, mostHeldBytes: 20_000, mostPuts: 2 };
    const { open, close } = objectMesh(4, { layout: held, mostDelayMs: 2 });
    const links = [open(0, 1), open(0, 2), open(0, 3)];
    const ends = [open(1, 0), open(2, 0), open(3, 0)];
    let waited = 0;
    const sends = links.map(async (link) => {
      for (let message = 0; message < 40; message += 1) {
        waited += link.link.writable ? 0 : 1;
        await link.sendSmall(message, pattern(3_000, message));
      }
    });
    for (const end of ends) expect((await end.take(40)).length).toBe(40);
    await Promise.all(sends);
    expect(waited).toBeGreaterThan(0);
    await close();
  });

  test("lets all peers go on, however much one of them is sent", async () => {
    const held = { ...layout, mostHeldBytes: 20_000, mostPuts: 2 };
    const { hubs, close } = objectMesh(4, { layout: held, mostDelayMs: 2 });
    const most = 60;
    const written = [0, 0, 0];
    const whenOneHasAll = new Promise<readonly number[]>((resolve) => {
      for (const index of written.keys()) {
        const link = hubs[0]!.open({ rank: index + 1, attempt: 0 });
        const pump = () => {
          while (link.writable && written[index]! < most) {
            link.write(encodePeerHeader({ type: peerFrame.data }, 3_000), pattern(3_000, 1), () => {});
            written[index]! += 1;
            if (written[index] === most) resolve([...written]);
          }
        };
        const nobody = { place: () => Buffer.alloc(0), frame: () => {} };
        link.attach(nobody, { onDrain: pump, onClose: () => {} });
        queueMicrotask(pump);
      }
    });
    for (const count of await whenOneHasAll) expect(count).toBeGreaterThan(most / 2);
    await close();
  });

  test("reads whose turn it is even when much was read ahead of its turn", async () => {
    const tight = { ...layout, mostAheadBytes: 5_000, mostGets: 3 };
    const { open, close } = objectMesh(2, { layout: tight, mostDelayMs: 10, seed: 4 });
    const [a, b] = [open(0, 1), open(1, 0)];
    for (let message = 0; message < 30; message += 1) {
      void a.send(message, pattern(3_000, message));
      if (message % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 6));
    }
    expect(payloads(await b.take(30))).toEqual(patterns(Array(30).fill(3_000)));
    await close();
  });
});
