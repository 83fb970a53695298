// Dials the orchestrator, from a port that is chosen and not assigned: the system would not let an assigned one be
// used again, and this one has to serve all peers (see docs/ARCHITECTURE.md).

import { abortable } from "../env/abortable.ts";
import type { Env, Socket, Timer } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import { pskClient } from "../link/psk.ts";
import { connectionIdentity, connectionKey, type Purpose } from "../protocol/keys.ts";
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

/** How long to wait before each further try: a listener that is starved of processor time, or just restarts. */
const retryAfterMs = [250, 500, 1_000] as const;
const jitterMs = 250;

/** Rejects with ORCHESTRATOR_UNAVAILABLE (after a few tries), AUTH or the signal's reason. */
export async function dialOrchestrator(
  env: Env,
  invocation: Invocation,
  secret: Uint8Array,
  purpose: Purpose,
  signal: AbortSignal,
): Promise<OrchestratorConnection> {
  for (const waitMs of retryAfterMs) {
    try {
      return await dialOnce(env, invocation, secret, purpose, signal);
    } catch (error) {
      if (signal.aborted || (error as FnmeshError).code !== "ORCHESTRATOR_UNAVAILABLE") throw error;
      env.log.debug("dialling the orchestrator again", { purpose, why: (error as Error).message });
      await pause(env, waitMs + env.random.int(0, jitterMs), signal);
    }
  }
  return dialOnce(env, invocation, secret, purpose, signal);
}

function pause({ clock }: Env, ms: number, signal: AbortSignal): Promise<void> {
  let timer: Timer | undefined;
  const over = new Promise<void>((resolve) => {
    timer = clock.setTimer(ms, resolve);
  });
  return abortable(over, signal).finally(() => timer?.cancel());
}

async function dialOnce(
  env: Env,
  invocation: Invocation,
  secret: Uint8Array,
  purpose: Purpose,
  signal: AbortSignal,
): Promise<OrchestratorConnection> {
  const { host, port } = invocation.orchestrator;
  const { socket, localPort } = await dialFromChosenPort(env, { host, port }, signal).catch((cause) => {
    if (signal.aborted) throw signal.reason;
    throw unavailable(
      `the orchestrator at ${host}:${port} does not answer: ${codeOf(cause) ?? cause}`,
      cause,
    );
  });
  const localAddress = socket.localAddress ?? "";
  socket.setKeepAlive(true, 15_000);
  const secured = await pskClient(socket, {
    identity: connectionIdentity(purpose, invocation),
    key: connectionKey(secret, purpose, invocation),
    signal,
  }).catch((error) => {
    if (signal.aborted || refusedByTls(error)) throw error;
    throw unavailable(`the orchestrator at ${host}:${port} closed the connection: ${error.message}`, error);
  });
  return { socket: secured, localPort, localAddress };
}

/** TLS itself said no; anything else that ends a handshake is the network's or the machine's doing. */
const refusedByTls = (error: unknown): boolean =>
  error instanceof Error && String(codeOf(error.cause)).startsWith("ERR_SSL_");

const unavailable = (message: string, cause: unknown) =>
  new FnmeshError("ORCHESTRATOR_UNAVAILABLE", message, {
    cause,
    hint: "Is its address reachable from where the workers run, and its port open?",
  });
