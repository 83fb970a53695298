// What tests on the virtual network begin with: a clock, a network, a check for leaks, and servers that clean up.

import { onTestFinished } from "vitest";
import type { Socket } from "../env/env.ts";
import { type TrackedResources, trackResources } from "./track-resources.ts";
import { createVirtualClock, type VirtualClock } from "./virtual-clock.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { createVirtualNetwork, type NetworkOptions, type VirtualNetwork } from "./virtual-network.ts";

export interface World {
  readonly clock: VirtualClock;
  readonly network: VirtualNetwork;
  readonly resources: TrackedResources;
}

export function openWorld(options: Partial<NetworkOptions> = {}): World {
  const clock = createVirtualClock();
  const network = createVirtualNetwork({ seed: 1, clock, ...options });
  const resources = trackResources({ clock, network });
  onTestFinished(() => resources.check());
  return { clock, network, resources };
}

export const serverAt = { host: "192.0.2.1", port: 7000 };

/** A listener that keeps what it accepts, and closes all of it when the test ends. */
export async function serve(host: VirtualHost, port: number) {
  const accepted: Socket[] = [];
  let over = false;
  const onConnection = (socket: Socket) => {
    accepted.push(socket);
    if (over) socket.destroy();
  };
  const listener = await host.listen({ port, onConnection });
  onTestFinished(async () => {
    over = true;
    const closed = listener.close();
    for (const socket of accepted) socket.destroy();
    await closed;
  });
  return { accepted, listener, port: listener.port };
}

export function closeAfterTest(...sockets: Socket[]): void {
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
}

/** Both ends of a connection from a host `a` to a host `b`, on the internet. */
export async function openPair(world: World, link: { readonly latencyMs?: number } = {}) {
  const a = world.network.host({ ...link, name: "a", address: "198.51.100.1" });
  const b = world.network.host({ ...link, name: "b", address: serverAt.host });
  const { accepted } = await serve(b, serverAt.port);
  const near = await world.clock.run(a.dial({ ...serverAt, localPort: 4000 }));
  await world.clock.advance(50);
  const far = accepted[0]!;
  closeAfterTest(near);
  return { a, b, near, far };
}

/** Resolves when the socket has closed, with its error's code. */
export const endOf = (socket: Socket): Promise<string> =>
  new Promise((resolve) => {
    let code = "without an error";
    socket.on("error", (error: Error & { code?: string }) => {
      code = error.code ?? error.name;
    });
    socket.on("close", () => resolve(code));
  });
