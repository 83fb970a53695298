// Punching one after the other, where both at once does not meet: NATs that answer a stranger's SYN with RST. A fresh
// port knocks at the peer (refused, but from now on our NAT lets the peer in there), and then listens. The peer is told
// the port's mapping and dials it from the port that was knocked at.

import type { Endpoint, Env, Listener, Socket } from "../env/env.ts";
import { limitedSignal } from "../env/limited-signal.ts";
import type { Candidate } from "../nat/candidate.ts";
import { choosePort } from "../rendezvous/dial-orchestrator.ts";
import { observe } from "../rendezvous/observe.ts";

export interface SideDoor {
  /** What the peer dials. */
  readonly candidate: Candidate;
  /** May be called twice. */
  close(): Promise<void>;
}

export interface SideDoorOptions {
  readonly env: Env;
  /** The orchestrator's observe port. */
  readonly observer: Endpoint;
  /** The peer's rendezvous endpoint, as seen from outside. */
  readonly knockAt: Endpoint;
  readonly onConnection: (socket: Socket) => void;
  readonly signal: AbortSignal;
}

/** The SYN opens our NAT at once; whether and how it is answered does not matter. */
const knockMs = 150;

/** Undefined when it cannot be made: the port is taken, or the orchestrator cannot say how it is mapped. */
export async function openSideDoor(options: SideDoorOptions): Promise<SideDoor | undefined> {
  const { env, observer, signal, onConnection } = options;
  const port = choosePort(env);
  const mapped = await observe({ env, observer, localPort: port, signal });
  if (mapped === undefined || signal.aborted) return undefined;
  await knock(options, port);
  const listener = await env.net.listen({ port, onConnection }).catch(() => undefined); // Taken: do without.
  return listener === undefined ? undefined : door(listener, mapped);
}

async function knock({ env, knockAt, signal }: SideDoorOptions, localPort: number): Promise<void> {
  const limit = limitedSignal(env.clock, knockMs, () => new Error("knocked"), signal);
  try {
    const socket = await env.net.dial({ ...knockAt, localPort, signal: limit.signal });
    socket.on("error", () => {}); // Whoever that was, it is not wanted here.
    socket.resetAndDestroy();
  } catch {
    // Refused or silent, as expected.
  } finally {
    limit.cancel();
  }
}

function door(listener: Listener, mapped: Endpoint): SideDoor {
  let closed: Promise<void> | undefined;
  return {
    candidate: { type: "srflx", tcpType: "passive", ...mapped },
    close() {
      closed ??= listener.close();
      return closed;
    },
  };
}
