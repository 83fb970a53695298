// What a worker finds out about itself before it meets others (RFC 8445 calls it gathering): which addresses it can
// be dialled at, and whether its NAT keeps one mapping for all destinations.

import type { Endpoint, Env, Listener, Socket } from "../env/env.ts";
import type { Candidate } from "../nat/candidate.ts";
import type { MappingGuess } from "../nat/nat.ts";
import { choosePort } from "./dial-orchestrator.ts";
import { observe } from "./observe.ts";

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

const mostHostCandidates = 4;
const mostListenTries = 10;

export async function gather(options: GatherOptions): Promise<Gathered> {
  const [second, listening] = await Promise.all([
    observeFrom(options, options.rendezvousPort),
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
    const observed = await observeFrom(options, port);
    try {
      return { listener: await env.net.listen({ ...bindTo, port, onConnection }), observed };
    } catch (error) {
      if (tries >= mostListenTries) throw error;
    }
  }
}

/** On loopback there is no NAT to learn about. */
function observeFrom({ env, observer, signal, localAddress }: GatherOptions, localPort: number) {
  return isLoopback(localAddress)
    ? Promise.resolve(undefined)
    : observe({ env, observer, localPort, signal });
}
