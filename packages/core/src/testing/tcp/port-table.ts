// Which local ports a virtual host may use for what, by Linux's rules for bind(2) and connect(2) as libuv calls them.

import type { Endpoint } from "../../env/env.ts";
import { endpointText } from "../nat-model.ts";
import { systemError } from "./system-error.ts";

export const ephemeralPorts = { first: 32_768, last: 60_999 } as const;
/** Linux: TCP_TIMEWAIT_LEN. */
const timeWaitMs = 60_000;

export interface BoundSocket {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The port was chosen by the caller: libuv then binds with SO_REUSEADDR, and others that do so too may share it. */
  readonly shareable: boolean;
}

export const tupleText = (local: Endpoint, remote: Endpoint): string =>
  `${endpointText(local)} ${endpointText(remote)}`;

export class PortTable<S extends BoundSocket, L> {
  readonly #sockets = new Map<string, S>();
  readonly #byPort = new Map<number, Set<S>>();
  readonly #listeners = new Map<number, L>();
  readonly #timeWaitUntil = new Map<string, number>();
  readonly #pick: (from: number, to: number) => number;

  constructor(pick: (from: number, to: number) => number) {
    this.#pick = pick;
  }

  socket(local: Endpoint, remote: Endpoint): S | undefined {
    return this.#sockets.get(tupleText(local, remote));
  }

  listener(port: number): L | undefined {
    return this.#listeners.get(port);
  }

  sockets(): S[] {
    return [...this.#sockets.values()];
  }

  listeners(): L[] {
    return [...this.#listeners.values()];
  }

  /** Throws EADDRINUSE while something listens on the port, or holds it without sharing. */
  assertBindable(local: Endpoint): void {
    if (this.#isHeld(local.port)) throw systemError("EADDRINUSE", "bind", local);
  }

  /** Throws EADDRNOTAVAIL for a four-tuple that is taken, or was until a moment ago (TIME_WAIT). */
  assertConnectable(local: Endpoint, remote: Endpoint, nowMs: number): void {
    const tuple = tupleText(local, remote);
    const waits = (this.#timeWaitUntil.get(tuple) ?? Number.NEGATIVE_INFINITY) > nowMs;
    if (waits || this.#sockets.has(tuple)) throw systemError("EADDRNOTAVAIL", "connect", remote);
  }

  add(socket: S): void {
    this.#sockets.set(tupleText(socket.local, socket.remote), socket);
    const sharing = this.#byPort.get(socket.local.port) ?? new Set();
    this.#byPort.set(socket.local.port, sharing.add(socket));
  }

  remove(socket: S, timeWaitFromMs: number | undefined): void {
    const tuple = tupleText(socket.local, socket.remote);
    if (this.#sockets.get(tuple) !== socket) return;
    this.#sockets.delete(tuple);
    const sharing = this.#byPort.get(socket.local.port);
    sharing?.delete(socket);
    if (sharing?.size === 0) this.#byPort.delete(socket.local.port);
    if (timeWaitFromMs !== undefined) this.#timeWaitUntil.set(tuple, timeWaitFromMs + timeWaitMs);
  }

  /** Throws EADDRINUSE. Sockets that share a port do not mind a listener that comes after them. */
  listen(port: number, host: string, listener: L): void {
    if (this.#isHeld(port)) throw systemError("EADDRINUSE", "listen", { host, port });
    this.#listeners.set(port, listener);
  }

  unlisten(port: number): void {
    this.#listeners.delete(port);
  }

  /** A port that nothing uses. Throws EADDRINUSE when there is none. */
  ephemeral(host: string): number {
    const count = ephemeralPorts.last - ephemeralPorts.first + 1;
    const start = this.#pick(0, count);
    for (let step = 0; step < count; step += 1) {
      const port = ephemeralPorts.first + ((start + step) % count);
      if (!this.#byPort.has(port) && !this.#listeners.has(port)) return port;
    }
    throw systemError("EADDRINUSE", "bind", { host, port: 0 });
  }

  #isHeld(port: number): boolean {
    if (this.#listeners.has(port)) return true;
    for (const socket of this.#byPort.get(port) ?? []) {
      if (!socket.shareable) return true;
    }
    return false;
  }
}
