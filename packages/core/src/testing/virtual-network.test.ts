// The network's own semantics: what FACTS of TCP and NATs the whole-session tests lean on.

import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Endpoint, Socket } from "../env/env.ts";
import { natModels } from "./nat-models.ts";
import { codeOf } from "./net-places.suite.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { closeAfterTest, openWorld, serve, serverAt, type World } from "./world.suite.ts";

describe("a dial", () => {
  it("reaches a listener, and bytes go both ways and end", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: serverAt.host });
    const client = network.host({ address: "198.51.100.1" });
    const { accepted } = await serve(server, serverAt.port);
    const socket = await clock.run(client.dial({ ...serverAt, localPort: 4000 }));
    await clock.advance(10);
    expect(socket).toMatchObject({
      localPort: 4000,
      remoteAddress: serverAt.host,
      remotePort: serverAt.port,
    });
    expect(accepted[0]).toMatchObject({ remoteAddress: "198.51.100.1", remotePort: 4000, localPort: 7000 });
    socket.end("ping");
    const heard = text(accepted[0]!);
    accepted[0]!.write("pong");
    expect(await clock.run(Promise.all([heard, text(socket)]))).toEqual(["ping", "pong"]);
  });

  it("takes one round trip of its links' latencies", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: serverAt.host, latencyMs: 10 });
    await serve(server, serverAt.port);
    const client = network.host({ address: "198.51.100.1", latencyMs: 5 });
    closeAfterTest(await clock.run(client.dial(serverAt)));
    expect(clock.now()).toBe(30);
  });

  it.each([
    ["where nothing listens", "ECONNREFUSED", serverAt, 4],
    ["to an address that nobody has", "EHOSTUNREACH", { host: "192.0.2.99", port: 1 }, 2],
    [
      "over an IP version that the host has no address of",
      "ENETUNREACH",
      { host: "2001:db8::1", port: 1 },
      0,
    ],
  ] as const)("%s fails with %s", async (_what, code, to, afterMs) => {
    const { clock, network } = openWorld();
    network.host({ address: serverAt.host });
    const client = network.host({ address: "198.51.100.1" });
    expect(await clock.run(codeOf(client.dial(to)))).toBe(code);
    expect(clock.now()).toBe(afterMs);
  });

  it("into a black hole times out after Linux's six retries", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: serverAt.host });
    const client = network.host({ address: "198.51.100.1" });
    network.cut(server);
    expect(await clock.run(codeOf(client.dial(serverAt)))).toBe("ETIMEDOUT");
    expect(clock.now()).toBe(127_000);
  });

  it("ends at once when its signal is aborted, and leaves nothing behind", async () => {
    const { clock, network } = openWorld();
    const server = network.host({ address: serverAt.host });
    const { accepted } = await serve(server, serverAt.port);
    const client = network.host({ address: "198.51.100.1" });
    const controller = new AbortController();
    const dialling = codeOf(client.dial({ ...serverAt, localPort: 4000, signal: controller.signal }));
    controller.abort();
    expect(await dialling).toBe("AbortError");
    expect(client.openSockets()).toEqual([]);
    await clock.advance(1000);
    expect(accepted).toEqual([]);
    expect(await codeOf(client.dial({ ...serverAt, signal: controller.signal }))).toBe("AbortError");
  });
});

interface Pair {
  readonly a: VirtualHost;
  readonly b: VirtualHost;
  readonly aSeen: Endpoint;
  readonly bSeen: Endpoint;
}

const aPort = 40_001;
const bPort = 40_002;

/** Two hosts behind NATs of these kinds, both known to a server as rendezvous makes them known. */
async function behindNats(
  { clock, network }: World,
  aKind: keyof typeof natModels,
  bKind: keyof typeof natModels,
  place: "apart" | "together" = "apart",
): Promise<Pair> {
  const server = network.host({ address: serverAt.host });
  const { accepted } = await serve(server, serverAt.port);
  const natA = network.nat({ publicAddress: "203.0.113.1", behaviour: natModels[aKind] });
  const natB =
    place === "together" ? natA : network.nat({ publicAddress: "203.0.113.2", behaviour: natModels[bKind] });
  const a = network.host({ name: "a", address: "10.0.0.2", behind: natA });
  const b = network.host({ name: "b", address: "10.0.0.3", behind: natB });
  for (const [host, localPort] of [
    [a, aPort],
    [b, bPort],
  ] as const) {
    closeAfterTest(await clock.run(host.dial({ ...serverAt, localPort })));
    await clock.advance(10);
  }
  const [aSeen, bSeen] = accepted.map((socket) => ({
    host: socket.remoteAddress!,
    port: socket.remotePort!,
  }));
  return { a, b, aSeen: aSeen!, bSeen: bSeen! };
}

/** Both dial what the server saw; b does so `skewMs` later. "connected" or the error's code, of each side. */
async function punch(
  { clock }: World,
  { a, b, aSeen, bSeen }: Pair,
  skewMs = 0,
  patienceMs = 10_000,
): Promise<readonly [string, string]> {
  const controller = new AbortController();
  const signal = controller.signal;
  const timer = clock.setTimer(patienceMs, () => controller.abort());
  const sockets: Socket[] = [];
  const dial = async (host: VirtualHost, to: Endpoint, localPort: number) => {
    sockets.push(await host.dial({ ...to, localPort, signal }));
  };
  const fromA = codeOf(dial(a, bSeen, aPort));
  await clock.advance(skewMs);
  const fromB = codeOf(dial(b, aSeen, bPort));
  const result = await clock.run(Promise.all([fromA, fromB]));
  timer.cancel();
  closeAfterTest(...sockets);
  return result;
}

describe("hole punching", () => {
  it.each([0, 1, 300, 900] as const)(
    "joins two restricted NATs when one side dials %i ms later",
    async (skewMs) => {
      const world = openWorld();
      const pair = await behindNats(world, "restricted", "restricted");
      const startMs = world.clock.now();
      expect(await punch(world, pair, skewMs)).toEqual(["connected", "connected"]);
      // Once both have dialled it takes a SYN, a SYN-ACK and an ACK, 4 ms each: no retransmission was needed.
      expect(world.clock.now() - startMs - skewMs).toBeLessThanOrEqual(12);
    },
  );

  it("joins two NATs that answer with resets if the SYNs cross", async () => {
    const world = openWorld();
    const pair = await behindNats(world, "reset", "reset");
    expect(await punch(world, pair)).toEqual(["connected", "connected"]);
  });

  it("fails between two NATs that answer with resets if the SYNs do not cross, and works at the next try that does", async () => {
    const world = openWorld();
    const pair = await behindNats(world, "reset", "reset");
    expect(await punch(world, pair, 50)).toEqual(["ECONNREFUSED", "ECONNREFUSED"]);
    expect(await punch(world, pair)).toEqual(["connected", "connected"]);
  });

  it.each(["restricted", "reset", "symmetric"] as const)(
    "cannot join a symmetric NAT and a %s one",
    async (other) => {
      for (const [a, b] of [
        ["symmetric", other],
        [other, "symmetric"],
      ] as const) {
        const world = openWorld();
        const pair = await behindNats(world, a, b);
        expect(await punch(world, pair)).not.toContain("connected");
      }
    },
  );

  it("joins a symmetric NAT with an open one, whose filter lets any port in", async () => {
    const world = openWorld();
    const { a, b, aSeen } = await behindNats(world, "open", "symmetric");
    await serve(a, aPort);
    const socket = await world.clock.run(b.dial(aSeen));
    closeAfterTest(socket);
  });

  it("works behind one shared NAT with hairpinning, and not without", async () => {
    const hairpinning = openWorld();
    const pair = await behindNats(hairpinning, "shared", "shared", "together");
    expect(pair.aSeen.host).toBe(pair.bSeen.host);
    expect(await punch(hairpinning, pair)).toEqual(["connected", "connected"]);
    const without = openWorld();
    const apart = await behindNats(without, "shared-no-hairpin", "shared-no-hairpin", "together");
    expect(await punch(without, apart)).not.toContain("connected");
  });

  it("behind one shared NAT, a host candidate connects without leaving the network", async () => {
    const world = openWorld({ traced: true });
    const { a, b } = await behindNats(world, "shared-no-hairpin", "shared-no-hairpin", "together");
    const { port } = await serve(a, 0);
    const before = world.network.trace().length;
    closeAfterTest(await world.clock.run(b.dial({ host: "10.0.0.2", port })));
    const lines = world.network.trace().slice(before).join("\n");
    expect(lines).toContain("delivered syn-ack 10.0.0.2");
    expect(lines).not.toContain("203.0.113.1");
  });

  it("works through nested NATs", async () => {
    const world = openWorld();
    const { clock, network } = world;
    const server = network.host({ address: serverAt.host });
    const { accepted } = await serve(server, serverAt.port);
    const outer = network.nat({ publicAddress: "203.0.113.1", behaviour: natModels.restricted });
    const inner = network.nat({
      publicAddress: "100.64.0.9",
      behaviour: natModels.restricted,
      behind: outer,
    });
    const a = network.host({ address: "10.0.0.2", behind: inner });
    const natB = network.nat({ publicAddress: "203.0.113.2", behaviour: natModels.restricted });
    const b = network.host({ address: "10.0.0.2", behind: natB });
    closeAfterTest(await clock.run(a.dial({ ...serverAt, localPort: aPort })));
    closeAfterTest(await clock.run(b.dial({ ...serverAt, localPort: bPort })));
    await clock.advance(10);
    const [aSeen, bSeen] = accepted.map((s) => ({ host: s.remoteAddress!, port: s.remotePort! }));
    expect(aSeen!.host).toBe("203.0.113.1");
    expect(await punch(world, { a, b, aSeen: aSeen!, bSeen: bSeen! })).toEqual(["connected", "connected"]);
  });
});
