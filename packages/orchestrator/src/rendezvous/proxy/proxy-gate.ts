// What stands before a listener behind a balancer: reads who connects from the header that the balancer writes first,
// and hands on the connection with that address, as if the balancer were not there.

import type { Endpoint, Env, Socket } from "@fnmesh/core/internal";
import { firstBytes } from "../first-bytes.ts";
import type { RefusalReason } from "../refusals.ts";
import { readProxyHeader } from "./proxy-header.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** The header is in the first packet: a retransmission of it, and a second one, are waited for. */
const headerTimeoutMs = 5_000;
/** More than come in one moment, as none stays; the oldest makes room for the newest. */
const mostWaiting = 1024;

export interface ProxyGateOptions {
  readonly env: Pick<Env, "clock">;
  readonly trusted: TrustedProxies;
  /** Takes a connection, with its bytes behind the header, and where it comes from. */
  readonly enter: (socket: Socket, observed: Endpoint) => void;
  /** Is told what is turned away, and who brought it. */
  readonly refuse: (reason: RefusalReason, from: Endpoint) => void;
}

export interface ProxyGate {
  /** The socket has a listener for its errors. */
  receive(socket: Socket, proxy: Endpoint): void;
  /** Ends what has not entered. May be called twice. */
  close(): void;
}

/** What a proxy itself connects for is health: it has seen that the port is open, and is let go without a word. */
type Outcome = { readonly observed: Endpoint } | { readonly refused: RefusalReason } | "health";

export function proxyGate({ env, trusted, enter, refuse }: ProxyGateOptions): ProxyGate {
  const waiting = new Set<Socket>();
  let closed = false;

  const read = async (socket: Socket, signal: AbortSignal): Promise<Outcome> => {
    const bytes = await firstBytes(socket, signal, (some) => readProxyHeader(some).is !== "partial");
    const header = readProxyHeader(bytes);
    // A port scan, and many a check of health, connects and goes.
    if (bytes.length === 0) return "health";
    if (header.is !== "whole") return { refused: "proxy-header" };
    if (header.from === undefined) return "health";
    if (bytes.length > header.bytes) socket.unshift(bytes.subarray(header.bytes));
    return { observed: header.from };
  };

  const pass = async (socket: Socket, proxy: Endpoint): Promise<void> => {
    const deadline = new AbortController();
    const timer = env.clock.setTimer(headerTimeoutMs, () => deadline.abort());
    waiting.add(socket);
    // Too late: no header is as bad as a wrong one.
    const outcome = await read(socket, deadline.signal).catch((): Outcome => ({ refused: "proxy-header" }));
    timer.cancel();
    waiting.delete(socket);
    if (typeof outcome === "object" && "observed" in outcome && !closed)
      return enter(socket, outcome.observed);
    socket.destroy();
    if (typeof outcome === "object" && "refused" in outcome && !closed) refuse(outcome.refused, proxy);
  };

  return {
    receive(socket, proxy) {
      if (closed) return void socket.destroy();
      if (!trusted(proxy.host)) {
        socket.destroy();
        return refuse("proxy-untrusted", proxy);
      }
      const [oldest] = waiting.size >= mostWaiting ? waiting : [];
      oldest?.destroy();
      void pass(socket, proxy);
    },
    close() {
      closed = true;
      for (const socket of waiting) socket.destroy();
    },
  };
}
