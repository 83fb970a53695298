// The second port: tells whoever connects from where it is seen, and closes. It has no state and reads nothing.

import type { Endpoint, Env, Socket } from "@fnmesh/core/internal";
import { encodeObserved } from "@fnmesh/core/protocol";
import { bind } from "./bind.ts";
import { entrance } from "./entrance.ts";
import type { TrustedProxies } from "./proxy/trusted-proxies.ts";
import { type Refusals, tellRefusal } from "./refusals.ts";

/** The answer is on its way at once: what is still open after this long is not there for the answer. */
const idleTimeoutMs = 2000;
/** More than a burst of workers has open at one moment; the oldest makes room for the newest. */
const mostConnections = 1024;

export interface ObserveListener {
  readonly port: number;
  close(): Promise<void>;
}

export interface ObserveOptions {
  readonly env: Env;
  readonly host: string;
  readonly port: number;
  readonly refusals: Refusals;
  /** As for workers' connections. */
  readonly proxies?: TrustedProxies | undefined;
}

/** Rejects with PORT_IN_USE or INVALID_ARGUMENT. */
export async function listenForObservers(options: ObserveOptions): Promise<ObserveListener> {
  const { env, host, port, refusals, proxies } = options;
  const answers = new Answers(env);
  const way = entrance({
    ...{ env, proxies },
    enter: (socket, observed) => answers.answer(socket, observed),
    refuse: (reason, from) => tellRefusal({ refusals, log: env.log }, reason, from),
  });
  const listener = await bind(env.net, host, port, way.receive);
  return {
    port: listener.port,
    close: async () => {
      way.close();
      const done = listener.close();
      answers.close();
      await done;
    },
  };
}

/** The connections that are told where they are seen. */
class Answers {
  readonly #env: Env;
  readonly #open = new Set<Socket>();
  #closed = false;

  constructor(env: Env) {
    this.#env = env;
  }

  answer(socket: Socket, observed: Endpoint): void {
    if (this.#closed) return void socket.destroy();
    const open = this.#open;
    const [oldest] = open.size >= mostConnections ? open : [];
    if (oldest !== undefined) {
      open.delete(oldest);
      oldest.destroy();
    }
    open.add(socket);
    const timer = this.#env.clock.setTimer(idleTimeoutMs, () => socket.destroy());
    socket.once("close", () => {
      timer.cancel();
      open.delete(socket);
    });
    socket.end(encodeObserved(observed));
    socket.resume(); // What comes is dropped, so that the other side's end is seen.
  }

  close(): void {
    this.#closed = true;
    for (const socket of this.#open) socket.destroy();
  }
}
