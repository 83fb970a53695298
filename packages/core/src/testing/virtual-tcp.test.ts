// Connections of the virtual network when the network is bad to them, and what they leave behind.

import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { natModels } from "./nat-models.ts";
import { codeOf } from "./net-places.suite.ts";
import { closeAfterTest, endOf, openPair, openWorld, serve, serverAt } from "./world.suite.ts";

const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);

describe("a bad link", () => {
  it("that loses every second SYN delays a dial by whole seconds, as TCP waits, and loses nothing else", async () => {
    const waits = new Set<number>();
    for (let seed = 0; seed < 12; seed += 1) {
      const { clock, network } = openWorld({ seed });
      const server = network.host({ address: serverAt.host });
      const { accepted } = await serve(server, serverAt.port);
      const client = network.host({ address: "198.51.100.1", synLoss: 0.5 });
      const socket = await clock.run(client.dial(serverAt));
      closeAfterTest(socket);
      // Whole seconds of waiting, and a few milliseconds of travel.
      expect(clock.now() % 1000).toBeLessThan(20);
      waits.add(Math.floor(clock.now() / 1000));
      socket.end(bytesOf(100_000));
      await clock.advance(5);
      const received = await clock.run(text(accepted[0]!.setEncoding("latin1")));
      expect(received.length).toBe(100_000);
    }
    expect(waits).toContain(0);
    expect(waits).toContain(1);
  });

  it("with jitter keeps the order of what it carries", async () => {
    const world = openWorld();
    const a = world.network.host({ address: "198.51.100.1", latencyMs: 5, jitterMs: 50 });
    const b = world.network.host({ address: serverAt.host, jitterMs: 50 });
    const { accepted } = await serve(b, serverAt.port);
    const near = await world.clock.run(a.dial(serverAt));
    await world.clock.advance(1000);
    const all = bytesOf(300_000);
    near.end(all);
    const chunks: Buffer[] = [];
    for (const socket of accepted) socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    await world.clock.run(endOf(near.resume() as typeof near));
    expect(Buffer.compare(Buffer.concat(chunks), all)).toBe(0);
  });

  it("that is cut for a while loses nothing: what was under way is sent again", async () => {
    const world = openWorld();
    const { b, near, far } = await openPair(world);
    const all = bytesOf(200_000);
    const received = text(far.setEncoding("latin1"));
    near.write(all.subarray(0, 50_000));
    await world.clock.advance(1);
    world.network.cut(b);
    near.end(all.subarray(50_000));
    await world.clock.advance(20_000);
    world.network.restore(b);
    expect(Buffer.from(await world.clock.run(received), "latin1").equals(all)).toBe(true);
  });

  it("that is cut for good shows to who writes, as ETIMEDOUT after Linux's quarter of an hour", async () => {
    const world = openWorld();
    const { b, near, far } = await openPair(world);
    world.network.cut(b);
    near.write("anybody there?");
    const startMs = world.clock.now();
    expect(await world.clock.run(endOf(near))).toBe("ETIMEDOUT");
    expect(world.clock.now() - startMs).toBeGreaterThan(10 * 60_000);
    expect(world.clock.now() - startMs).toBeLessThan(20 * 60_000);
    far.destroy();
  });

  it("that is cut for good does not show at all to who only reads", async () => {
    const world = openWorld();
    const { b, near } = await openPair(world);
    world.network.cut(b);
    await world.clock.advance(24 * 3_600_000);
    expect(near.destroyed).toBe(false);
  });

  it("a partition parts two groups only, and heals", async () => {
    const { clock, network } = openWorld();
    const [a, b, c] = ["198.51.100.1", serverAt.host, "198.51.100.3"].map((address) =>
      network.host({ address }),
    );
    await serve(b!, serverAt.port);
    const heal = network.partition([a!], [b!]);
    const parted = a!.dial(serverAt);
    closeAfterTest(await clock.run(c!.dial(serverAt)));
    expect(clock.now()).toBeLessThan(100);
    await clock.advance(2500);
    heal();
    closeAfterTest(await clock.run(parted));
    expect(clock.now()).toBeGreaterThan(2500);
  });

  it("a fault chooses its segments: a path that goes dark after 16 KiB", async () => {
    const world = openWorld();
    const { near, far } = await openPair(world);
    world.network.fault(
      (segment, from) => from.name === "a" && segment.position + segment.bytes.length > 16_384,
    );
    let received = 0;
    far.on("data", (chunk: Buffer) => {
      received += chunk.length;
    });
    near.write(bytesOf(65_536));
    await world.clock.advance(60_000);
    expect(received).toBe(16_384);
  });
});

describe("a port that was used", () => {
  const dialFrom = { ...serverAt, localPort: 4000 };

  it("is in TIME_WAIT for the same four-tuple for a minute if this side closed first", async () => {
    const world = openWorld();
    const { a, near, far } = await openPair(world);
    far.resume();
    near.resume();
    near.end();
    await world.clock.run(endOf(near));
    expect(await world.clock.run(codeOf(a.dial(dialFrom)))).toBe("EADDRNOTAVAIL");
    await world.clock.advance(61_000);
    closeAfterTest(await world.clock.run(a.dial(dialFrom)));
  });

  it("is free at once if the other side closed first, or after a reset", async () => {
    for (const close of ["far.end", "near.reset", "far.reset"] as const) {
      const world = openWorld();
      const { a, near, far } = await openPair(world);
      near.resume();
      far.resume();
      near.on("error", () => undefined);
      far.on("error", () => undefined);
      if (close === "far.end") far.end();
      else (close === "near.reset" ? near : far).resetAndDestroy();
      await world.clock.advance(100);
      closeAfterTest(await world.clock.run(a.dial(dialFrom)));
    }
  });

  it("an answer that comes for a dial that was given up is reset, and the other side hears it", async () => {
    const world = openWorld();
    const server = world.network.host({ address: serverAt.host, latencyMs: 100 });
    const { accepted } = await serve(server, serverAt.port);
    const client = world.network.host({ address: "198.51.100.1" });
    const controller = new AbortController();
    const dialling = codeOf(client.dial({ ...dialFrom, signal: controller.signal }));
    await world.clock.advance(50);
    controller.abort();
    expect(await dialling).toBe("AbortError");
    // The same port dials again before the old SYN-ACK is back: attempts are not mixed up.
    const socket = await world.clock.run(client.dial(dialFrom));
    closeAfterTest(socket);
    await world.clock.advance(1000);
    expect(accepted.filter(({ destroyed }) => !destroyed)).toHaveLength(1);
    socket.end("second");
    expect(await world.clock.run(text(accepted.at(-1)!))).toBe("second");
  });
});

describe("a host", () => {
  it("that is killed closes its sockets, and refuses whoever dials it", async () => {
    const world = openWorld();
    const { a, b, near } = await openPair(world);
    const end = endOf(near.resume() as typeof near);
    b.kill();
    expect(await world.clock.run(end)).toBe("without an error");
    expect(b.openSockets()).toEqual([]);
    expect(await world.clock.run(codeOf(a.dial(serverAt)))).toBe("ECONNREFUSED");
  });

  it("has an address of each IP version, and dials from the one that fits", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: [serverAt.host, "2001:db8::1"] });
    const { accepted } = await serve(server, serverAt.port);
    const client = network.host({ address: ["198.51.100.1", "2001:db8::2"] });
    closeAfterTest(await clock.run(client.dial({ host: "2001:db8::1", port: serverAt.port })));
    closeAfterTest(await clock.run(client.dial(serverAt)));
    await clock.advance(10);
    expect(accepted.map(({ remoteAddress }) => remoteAddress)).toEqual(["2001:db8::2", "198.51.100.1"]);
    expect(client.hostAddresses()).toEqual(["198.51.100.1", "2001:db8::2"]);
  });
});

describe("a NAT device", () => {
  it("forgets a mapping that is idle, and then the other side's bytes are lost", async () => {
    const world = openWorld();
    const { clock, network } = world;
    const server = network.host({ address: serverAt.host });
    const { accepted } = await serve(server, serverAt.port);
    const behaviour = { ...natModels.restricted, idleMs: 300_000 };
    const nat = network.nat({ publicAddress: "203.0.113.1", behaviour });
    const client = network.host({ address: "10.0.0.2", behind: nat });
    const socket = await clock.run(client.dial(serverAt));
    closeAfterTest(socket);
    let heard = "";
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await clock.advance(299_000);
    accepted[0]!.write("in time");
    await clock.advance(301_000);
    accepted[0]!.write(", and too late");
    await clock.advance(10_000);
    expect(heard).toBe("in time");
    accepted[0]!.destroy();
    await clock.advance(0);
  });

  it("that restarts gives a new mapping", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: serverAt.host });
    const { accepted } = await serve(server, serverAt.port);
    const nat = network.nat({ publicAddress: "203.0.113.1", behaviour: natModels.restricted });
    const client = network.host({ address: "10.0.0.2", behind: nat });
    closeAfterTest(await clock.run(client.dial({ ...serverAt, localPort: 5000 })));
    await clock.advance(10);
    nat.forgetMappings();
    const second = await serve(server, 7001);
    closeAfterTest(await clock.run(client.dial({ ...serverAt, port: 7001, localPort: 5000 })));
    await clock.advance(10);
    expect(second.accepted[0]!.remotePort).not.toBe(accepted[0]!.remotePort);
  });
});
