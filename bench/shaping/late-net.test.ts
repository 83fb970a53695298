import type { Socket } from "@fnmesh/core/internal";
import { createVirtualClock, createVirtualNetwork } from "@fnmesh/core/testing";
import { describe, expect, test } from "vitest";
import { createInboundLine } from "./inbound-line.ts";
import { lateNet } from "./late-net.ts";

/** The network's own links take 1 ms from host to host; what comes to `near` passes 100 kB a second, and takes 20 ms more. */
async function connected({ withReader }: { readonly withReader: boolean }) {
  const clock = createVirtualClock({ auto: true });
  const network = createVirtualNetwork({ seed: 1, clock });
  const far = network.host({ address: "192.0.2.1", latencyMs: 1 });
  const line = createInboundLine(clock, { bytesPerSecond: 100_000, latencyMs: 20 });
  const net = lateNet(network.host({ address: "192.0.2.2", latencyMs: 0 }), line);
  const taken: { readonly at: number; readonly bytes: Buffer }[] = [];
  let room = new Uint8Array(0);
  const reader = {
    nextBuffer: () => {
      room = new Uint8Array(700);
      return room;
    },
    advance(count: number) {
      taken.push({ at: clock.now(), bytes: Buffer.from(room.subarray(0, count)) });
      return true;
    },
  };
  const accepted = new Promise<Socket>((resolve) => void far.listen({ port: 7000, onConnection: resolve }));
  const near = await net.dial({ host: "192.0.2.1", port: 7000, ...(withReader ? { reader } : {}) });
  return { clock, near, far: await accepted, taken, net };
}

const bytes = (count: number) => Uint8Array.from({ length: count }, (_, index) => index % 251);

describe("a peer's connection over a line", () => {
  test("hands on what came whole and in order, a latency later, and the end after it", async () => {
    const { clock, near, far, taken } = await connected({ withReader: true });
    const from = clock.now();
    const ended = new Promise<number>((resolve) => near.once("end", () => resolve(clock.now())));
    far.end(bytes(2_000));
    expect(await ended).toBe(from + 1 + 20 + 20);
    // 1 ms on the network, 20 ms for 2,000 bytes on the line, and its latency.
    expect(taken[0]!.at).toBe(from + 41);
    expect(Buffer.concat(taken.map((each) => each.bytes))).toEqual(Buffer.from(bytes(2_000)));
    near.destroy();
    far.destroy();
  });

  test("sends as it did: only what comes takes longer", async () => {
    const { clock, near, far } = await connected({ withReader: true });
    const from = clock.now();
    const heard = new Promise<number>((resolve) => far.once("data", () => resolve(clock.now())));
    near.write("hello");
    expect(await heard).toBe(from + 1);
    near.destroy();
    far.destroy();
  });

  test("that was accepted is on the same line, and what is not a peer's is on none", async () => {
    const { clock, near, far, net } = await connected({ withReader: false });
    const from = clock.now();
    const heard = (socket: Socket) =>
      new Promise<number>((resolve) => socket.once("data", () => resolve(clock.now() - from)));
    far.write("to the orchestrator's client");
    expect(await heard(near)).toBe(1);
    const accepted = new Promise<Socket>((resolve) => void net.listen({ port: 7001, onConnection: resolve }));
    const visitor = await net.dial({ host: "192.0.2.2", port: 7001 });
    const socket = await accepted;
    const sentAt = clock.now() - from;
    visitor.write(bytes(1_000));
    expect((await heard(socket)) - sentAt).toBeCloseTo(30, 0);
    for (const each of [near, far, visitor, socket]) each.destroy();
  });
});
