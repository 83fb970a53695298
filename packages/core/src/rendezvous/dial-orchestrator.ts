// Dials the orchestrator, from a port that is chosen and not assigned: the system would not let an assigned one be
// used again, and this one has to serve all peers (see docs/ARCHITECTURE.md).

import type { Env, Socket } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import { pskClient } from "../link/psk.ts";
import { connectionIdentity, connectionKey, type Identity, type Purpose } from "../protocol/keys.ts";
import type { Invocation } from "../provider/provider.ts";

/** A taken port is met by another; so many in a row means that no port is free. */
const mostPortTries = 20;
const takenPort: ReadonlySet<unknown> = new Set(["EADDRINUSE", "EADDRNOTAVAIL"]);

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined);

/** A random port of the system's ephemeral range. */
export function choosePort({ net, random }: Pick<Env, "net" | "random">): number {
  const { first, last } = net.ephemeralPorts();
  return random.int(first, last + 1);
}

/** Rejects with the network's own error. */
export async function dialFromChosenPort(
  env: Env,
  target: { readonly host: string; readonly port: number },
  signal: AbortSignal,
): Promise<{ readonly socket: Socket; readonly localPort: number }> {
  for (let tries = 1; ; tries += 1) {
    const localPort = choosePort(env);
    try {
      return { socket: await env.net.dial({ ...target, localPort, signal }), localPort };
    } catch (error) {
      if (!takenPort.has(codeOf(error)) || tries >= mostPortTries) throw error;
    }
  }
}

export interface OrchestratorConnection {
  readonly socket: Socket;
  readonly localPort: number;
  readonly localAddress: string;
}

/** Rejects with ORCHESTRATOR_UNAVAILABLE, AUTH or the signal's reason. */
export async function dialOrchestrator(
  env: Env,
  invocation: Invocation,
  secret: Uint8Array,
  purpose: Purpose,
  signal: AbortSignal,
): Promise<OrchestratorConnection> {
  const { host, port } = invocation.orchestrator;
  const identity: Identity = invocation;
  const { socket, localPort } = await dialFromChosenPort(env, { host, port }, signal).catch((cause) => {
    if (signal.aborted) throw signal.reason;
    throw new FnmeshError(
      "ORCHESTRATOR_UNAVAILABLE",
      `the orchestrator at ${host}:${port} does not answer: ${codeOf(cause) ?? cause}`,
      {
        cause,
        hint: "Is its address reachable from where the workers run, and its port open?",
      },
    );
  });
  const localAddress = socket.localAddress ?? "";
  socket.setKeepAlive(true, 15_000);
  const secured = await pskClient(socket, {
    identity: connectionIdentity(purpose, identity),
    key: connectionKey(secret, purpose, identity),
    signal,
  });
  return { socket: secured, localPort, localAddress };
}
