// Between a port and what listens behind it: where each connection comes from, as its socket or a balancer says.

import type { Endpoint, Env, Socket } from "@fnmesh/core/internal";
import { remoteEndpoint } from "./address.ts";
import { proxyGate } from "./proxy/proxy-gate.ts";
import type { TrustedProxies } from "./proxy/trusted-proxies.ts";
import type { RefusalReason } from "./refusals.ts";

export interface EntranceOptions {
  readonly env: Pick<Env, "clock">;
  /** Connections come through balancers at these addresses, which say whom they connect; no others may come. */
  readonly proxies: TrustedProxies | undefined;
  /** Takes over a connection, with a listener for its errors. */
  readonly enter: (socket: Socket, observed: Endpoint) => void;
  /** Is told what is turned away here, and who brought it. */
  readonly refuse: (reason: RefusalReason, from: Endpoint) => void;
}

export interface Entrance {
  receive(socket: Socket): void;
  /** Ends what has not entered. May be called twice. */
  close(): void;
}

export function entrance({ env, proxies, enter, refuse }: EntranceOptions): Entrance {
  const gate = proxies && proxyGate({ env, trusted: proxies, enter, refuse });
  return {
    receive(socket) {
      // A reset is no event of its own here: "close" follows, and who reads from the socket learns of it.
      socket.on("error", () => {});
      const from = remoteEndpoint(socket);
      if (from === undefined) return void socket.destroy();
      if (gate === undefined) enter(socket, from);
      else gate.receive(socket, from);
    },
    close: () => gate?.close(),
  };
}
