// The second port: tells whoever connects from where it is seen, and closes. It has no state and reads nothing.

import type { Env, Socket } from "@fnmesh/core/internal";
import { encodeObserved } from "@fnmesh/core/protocol";
import { remoteEndpoint } from "./address.ts";
import { bind } from "./bind.ts";

/** The answer is on its way at once: what is still open after this long is not there for the answer. */
const idleTimeoutMs = 2000;
/** More than a burst of workers has open at one moment; the oldest makes room for the newest. */
const mostConnections = 1024;

export interface ObserveListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with PORT_IN_USE or INVALID_ARGUMENT. */
export async function listenForObservers(env: Env, host: string, port: number): Promise<ObserveListener> {
  const open = new Set<Socket>();
  let closed = false;
  const receive = (socket: Socket) => {
    // The one who asks may go before it has the answer: its loss.
    socket.on("error", () => {});
    const observed = remoteEndpoint(socket);
    if (observed === undefined || closed) return void socket.destroy();
    const [oldest] = open.size >= mostConnections ? open : [];
    if (oldest !== undefined) {
      open.delete(oldest);
      oldest.destroy();
    }
    open.add(socket);
    const timer = env.clock.setTimer(idleTimeoutMs, () => socket.destroy());
    socket.once("close", () => {
      timer.cancel();
      open.delete(socket);
    });
    socket.end(encodeObserved(observed));
    socket.resume(); // What comes is dropped, so that the other side's end is seen.
  };
  const listener = await bind(env.net, host, port, receive);
  return {
    port: listener.port,
    close: async () => {
      closed = true;
      const done = listener.close();
      for (const socket of open) socket.destroy();
      await done;
    },
  };
}
