// What a test opens first and asks last: whether a virtual socket, listener or timer outlived what made it.

import { endpointText } from "./nat-model.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualNetwork } from "./virtual-network.ts";

export interface TrackedResources {
  /** One line for each socket, listener and timer that is there and was not at the start. */
  leaks(): readonly string[];
  /** Lets closing connections finish, then throws an error that names every leak. */
  check(): Promise<void>;
}

/** Longer than any link's round trip in a test: what is being closed is closed by then. */
const closingMs = 5000;

const describeSockets = (network: VirtualNetwork): string[] =>
  network
    .openSockets()
    .map(({ host, local, remote, state }) =>
      remote === undefined
        ? `listener of ${host} on port ${local.port}`
        : `socket of ${host}, ${endpointText(local)} > ${endpointText(remote)}, ${state}`,
    );

/**
 * @example
 * const resources = trackResources({ clock, network });
 * onTestFinished(() => resources.check());
 */
export function trackResources(parts: {
  readonly clock: VirtualClock;
  readonly network: VirtualNetwork;
}): TrackedResources {
  const { clock, network } = parts;
  const before = {
    timers: new Set(clock.pendingTimers().map(({ id }) => id)),
    sockets: describeSockets(network),
  };
  const leaks = () => [
    ...describeSockets(network).filter((socket) => !before.sockets.includes(socket)),
    ...clock
      .pendingTimers()
      .filter(({ id }) => !before.timers.has(id))
      .map(({ inMs, setAt }) => `timer due in ${inMs} ms\n${setAt}`),
  ];
  return {
    leaks,
    check: async () => {
      await clock.advance(closingMs);
      const found = leaks();
      if (found.length > 0) throw new Error(`${found.length} leaked:\n${found.join("\n")}`);
    },
  };
}
