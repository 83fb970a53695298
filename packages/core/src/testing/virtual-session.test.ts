// What whole-session tests need of the virtual network beyond TCP's rules: TLS runs over it, and one seed is one run.

import { text } from "node:stream/consumers";
import { connect as connectTls, TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { natModels } from "./nat-models.ts";
import { createVirtualClock } from "./virtual-clock.ts";
import { createVirtualNetwork } from "./virtual-network.ts";
import { endOf, openPair, openWorld, serverAt } from "./world.suite.ts";

const bytesOf = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31) & 0xff);

it("TLS with a pre-shared key runs over a virtual connection", async () => {
  const world = openWorld();
  const { near, far } = await openPair(world);
  const psk = Buffer.alloc(32, 7);
  const ciphers = "TLS_AES_128_GCM_SHA256";
  const server = new TLSSocket(far as never, { isServer: true, ciphers, pskCallback: () => psk } as never);
  const client = connectTls({
    socket: near,
    ciphers,
    minVersion: "TLSv1.3",
    pskCallback: () => ({ psk, identity: "worker" }),
    checkServerIdentity: () => undefined,
  });
  client.on("error", () => undefined);
  server.on("error", () => undefined);
  const heard = text(server);
  client.end("s3cret");
  client.resume();
  expect(await world.clock.run(heard)).toBe("s3cret");
  near.destroy();
  far.destroy();
});

describe("a run", () => {
  async function trace(seed: number): Promise<readonly string[]> {
    const clock = createVirtualClock();
    const network = createVirtualNetwork({ seed, clock, traced: true });
    const server = network.host({ address: serverAt.host, jitterMs: 3 });
    const ends: Promise<string>[] = [];
    const listener = await server.listen({
      port: serverAt.port,
      onConnection: (socket) => {
        ends.push(endOf(socket));
        socket.pipe(socket);
      },
    });
    const clients = [1, 2, 3, 4].map((number) => {
      const nat = network.nat({
        publicAddress: `203.0.113.${number}`,
        behaviour: natModels.symmetric,
        jitterMs: 5,
        synLoss: 0.3,
      });
      return network.host({ address: "10.0.0.2", behind: nat, jitterMs: 5 });
    });
    const sessions = clients.map(async (client, index) => {
      const socket = await client.dial(serverAt);
      const echoed = text(socket.setEncoding("latin1"));
      socket.end(bytesOf(20_000 * (index + 1)));
      expect((await echoed).length).toBe(20_000 * (index + 1));
    });
    await clock.run(Promise.all(sessions));
    await clock.run(Promise.all(ends));
    await listener.close();
    return network.trace();
  }

  it("is the same every time with one seed, and another with another", async () => {
    const first = await trace(1);
    expect(first.length).toBeGreaterThan(100);
    expect(await trace(1)).toEqual(first);
    expect(await trace(2)).not.toEqual(first);
  });
});
