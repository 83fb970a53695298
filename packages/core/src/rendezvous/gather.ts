// What a worker finds out about itself before it meets others (RFC 8445 calls it gathering): which addresses it can
// be dialled at, and whether its NAT keeps one mapping for all destinations.

import type { Endpoint, Env, Listener, Socket } from "../env/env.ts";
import type { Candidate } from "../nat/candidate.ts";
import type { MappingGuess } from "../nat/nat.ts";
import { FrameDecoder } from "../protocol/frame.ts";
import { decodeObserved, mostObserveFrameBytes } from "../protocol/observe.ts";
import { choosePort } from "./dial-orchestrator.ts";

export interface GatherOptions {
  readonly env: Env;
  readonly observer: Endpoint;
  /** The port of the rendezvous connection, and how the orchestrator sees that. */
  readonly rendezvousPort: number;
  readonly observed: Endpoint;
  /** The address that the rendezvous connection goes out from. */
  readonly localAddress: string;
  readonly onConnection: (socket: Socket) => void;
  readonly signal: AbortSignal;
}

export interface Gathered {
  readonly candidates: readonly Candidate[];
  readonly mapping: MappingGuess;
  readonly listener: Listener;
}

/** An orchestrator whose observe port does not answer costs this much, once, and no job. */
const observeMs = 3_000;
const mostHostCandidates = 4;
const mostListenTries = 10;

export async function gather(options: GatherOptions): Promise<Gathered> {
  const [second, listening] = await Promise.all([
    observe(options, options.rendezvousPort),
    listenBehindNat(options),
  ]);
  const { listener, observed: listenerSeenAt } = listening;
  const mapping = guessMapping(options, second);
  return { candidates: candidatesOf(options, listener.port, listenerSeenAt), mapping, listener };
}

/** One observation more, at another port of the orchestrator, tells a mapping that depends on the destination. */
function guessMapping(
  { observed, localAddress, rendezvousPort }: GatherOptions,
  second: Endpoint | undefined,
): MappingGuess {
  if (observed.host === localAddress && observed.port === rendezvousPort) return "none";
  if (second === undefined) return "unknown";
  const same = second.host === observed.host && second.port === observed.port;
  return same ? "endpoint-independent" : "address-and-port-dependent";
}

function candidatesOf(
  options: GatherOptions,
  listenerPort: number,
  listenerSeenAt: Endpoint | undefined,
): Candidate[] {
  const { env, observed, localAddress } = options;
  const loopback = isLoopback(localAddress);
  const hosts = loopback ? [localAddress] : [...new Set([localAddress, ...env.net.hostAddresses()])];
  const host = hosts
    .slice(0, mostHostCandidates)
    .map((address): Candidate => ({ type: "host", tcpType: "passive", host: address, port: listenerPort }));
  const mapped: Candidate[] =
    listenerSeenAt === undefined || hosts.includes(listenerSeenAt.host)
      ? []
      : [{ type: "srflx", tcpType: "passive", ...listenerSeenAt }];
  return [...host, ...mapped, { type: "srflx", tcpType: "so", ...observed }];
}

const isLoopback = (address: string) => address === "::1" || address.startsWith("127.");

/**
 * A listener whose port has a mapping: first dials the orchestrator from the port, then listens on it (the other way
 * round the system refuses). Behind a NAT with endpoint-independent filtering anybody can dial the mapping.
 */
async function listenBehindNat(
  options: GatherOptions,
): Promise<{ listener: Listener; observed: Endpoint | undefined }> {
  const { env, localAddress, onConnection } = options;
  const bindTo = isLoopback(localAddress) ? { host: localAddress } : {};
  for (let tries = 1; ; tries += 1) {
    const port = choosePort(env);
    const observed = await observe(options, port);
    try {
      return { listener: await env.net.listen({ ...bindTo, port, onConnection }), observed };
    } catch (error) {
      if (tries >= mostListenTries) throw error;
    }
  }
}

/** How the orchestrator sees a connection from `localPort`; undefined when it cannot be asked from there. */
async function observe(
  { env, observer, signal, localAddress }: GatherOptions,
  localPort: number,
): Promise<Endpoint | undefined> {
  if (isLoopback(localAddress)) return undefined; // There is no NAT to learn about.
  const limit = new AbortController();
  const giveUp = () => limit.abort(new Error("no observation"));
  const timer = env.clock.setTimer(observeMs, giveUp);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const socket = await env.net.dial({ ...observer, localPort, signal: limit.signal });
    return await firstObservation(socket, limit.signal);
  } catch {
    return undefined; // Taken port, firewall, silence: one observation less, and the mapping stays unknown.
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", giveUp);
  }
}

/** Reads to the end: the orchestrator closes first, so that TIME_WAIT is on its side and not on the port. */
function firstObservation(socket: Socket, signal: AbortSignal): Promise<Endpoint | undefined> {
  const decoder = new FrameDecoder(mostObserveFrameBytes);
  let endpoint: Endpoint | undefined;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      socket.destroy();
      reject(error);
    };
    signal.addEventListener("abort", () => fail(signal.reason), { once: true });
    socket.on("error", fail);
    socket.on("close", () => resolve(endpoint));
    socket.on("data", (chunk: Uint8Array) => {
      try {
        for (const frame of decoder.push(chunk)) endpoint ??= decodeObserved(frame);
      } catch (error) {
        fail(error);
      }
    });
    socket.on("end", () => socket.end());
  });
}
