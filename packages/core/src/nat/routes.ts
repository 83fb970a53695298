// Which addresses of a peer to dial, from where and when: the pair's candidate pairs in the order of their chances
// (RFC 8445, section 6.1.2, cut down to what TCP between two functions can use).

import type { Endpoint } from "../env/env.ts";
import type { Candidate } from "./candidate.ts";
import type { MappingGuess } from "./nat.ts";

/** What one side tells the other of itself. */
export interface Whereabouts {
  readonly rank: number;
  readonly candidates: readonly Candidate[];
  readonly mapping: MappingGuess;
}

/**
 * One thing to try. `so`: dial from the rendezvous port, as the peer does at the same time. `passive`: the peer listens.
 * `passive-mapped`: it does so behind its NAT, which may let in only whom it expects: dial from the rendezvous port, too.
 */
export interface Route extends Endpoint {
  readonly kind: "so" | "passive" | "passive-mapped";
  /** After the round's start. */
  readonly afterMs: number;
}

/**
 * A host address is the first thing to try in one network, the last one across NATs: there it belongs to somebody
 * else or to nobody. The higher rank dials a listener first, so that usually one connection is made and not two.
 */
const hostFirstMs = { higher: 0, lower: 150 } as const;
const hostLastMs = 400;
/** No NAT, but perhaps a firewall that lets connections in only where one went out: simultaneous open opens it. */
const soBehindFirewallMs = 250;
/** Where both sides can open simultaneously, a NAT's other mapping is not needed; in a later round it may be. */
const mappedListenerLastMs = 500;

export const predictable = (mapping: MappingGuess): boolean =>
  mapping !== "address-and-port-dependent" && mapping !== "address-dependent";

const isV6 = (host: string) => host.includes(":");
const isRendezvous = ({ type, tcpType }: Candidate) => type === "srflx" && tcpType === "so";

/** Whether the side sits directly on the network that the orchestrator sees it in. */
const hasOwnAddress = ({ candidates }: Whereabouts): boolean =>
  candidates.some(
    (seen) =>
      isRendezvous(seen) && candidates.some(({ type, host }) => type === "host" && host === seen.host),
  );

const shareAddress = (local: Whereabouts, remote: Whereabouts): boolean =>
  local.candidates.some(
    (own) =>
      isRendezvous(own) && remote.candidates.some((other) => isRendezvous(other) && other.host === own.host),
  );

/** A side dials only in address families that it has itself. */
const canDial = ({ candidates }: Whereabouts, host: string): boolean =>
  candidates.some((own) => isV6(own.host) === isV6(host));

/** What decides when, and whether, a candidate is dialled. */
interface Circumstances {
  readonly role: "lower" | "higher";
  /** The two may reach each other without passing a NAT. */
  readonly oneNetwork: boolean;
  /** Neither has a NAT. */
  readonly open: boolean;
  readonly bothPredictable: boolean;
  readonly round: number;
}

/** What `local` tries to reach `remote`, the first thing first. Empty when nothing can work. */
export function routesTo(local: Whereabouts, remote: Whereabouts, round: number): readonly Route[] {
  const remoteOwns = hasOwnAddress(remote);
  const circumstances: Circumstances = {
    role: local.rank > remote.rank ? "higher" : "lower",
    oneNetwork: remoteOwns || shareAddress(local, remote),
    open: remoteOwns && hasOwnAddress(local),
    bothPredictable: predictable(local.mapping) && predictable(remote.mapping),
    round,
  };
  const routes: Route[] = [];
  for (const candidate of remote.candidates) {
    const route = canDial(local, candidate.host) ? routeTo(candidate, circumstances) : undefined;
    if (route !== undefined && !routes.some((other) => isSame(other, route))) routes.push(route);
  }
  return routes.sort((a, b) => a.afterMs - b.afterMs);
}

function routeTo({ type, tcpType, host, port }: Candidate, given: Circumstances): Route | undefined {
  const { role, oneNetwork, open, bothPredictable, round } = given;
  if (type === "host") {
    if (tcpType !== "passive") return undefined;
    return { kind: "passive", host, port, afterMs: oneNetwork ? hostFirstMs[role] : hostLastMs };
  }
  if (tcpType === "passive") {
    const afterMs = bothPredictable && round === 0 ? mappedListenerLastMs : hostFirstMs[role];
    return { kind: "passive-mapped", host, port, afterMs };
  }
  return bothPredictable ? { kind: "so", host, port, afterMs: open ? soBehindFirewallMs : 0 } : undefined;
}

const isSame = (a: Route, b: Route): boolean => a.kind === b.kind && a.host === b.host && a.port === b.port;

/**
 * How many rounds are worth it. Simultaneous open can fail by bad timing and deserves another try; where a mapping
 * cannot be predicted, only an open listener helps, and it does so at once or never. Both sides know both mappings,
 * so both come to the same answer.
 */
export function roundsWorthTrying(local: MappingGuess, remote: MappingGuess): number {
  const unpredictable = [local, remote].filter((mapping) => !predictable(mapping)).length;
  return unpredictable === 0 ? 3 : unpredictable === 1 ? 1 : 0;
}
