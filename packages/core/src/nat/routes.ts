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

const familyOf = (host: string) => (host.includes(":") ? 6 : 4);
const pick = (
  side: Whereabouts,
  type: Candidate["type"],
  tcpType: Candidate["tcpType"],
): readonly Candidate[] =>
  side.candidates.filter((candidate) => candidate.type === type && candidate.tcpType === tcpType);

/** Whether the side sits directly on the network that the orchestrator sees it in. */
function hasOwnAddress(side: Whereabouts): boolean {
  const hosts = side.candidates.filter((candidate) => candidate.type === "host").map(({ host }) => host);
  return pick(side, "srflx", "so").some(({ host }) => hosts.includes(host));
}

function shareAddress(local: Whereabouts, remote: Whereabouts): boolean {
  const own = pick(local, "srflx", "so").map(({ host }) => host);
  return pick(remote, "srflx", "so").some(({ host }) => own.includes(host));
}

/** What `local` tries to reach `remote`. Empty when nothing can work. */
export function routesTo(local: Whereabouts, remote: Whereabouts, round: number): readonly Route[] {
  const role = local.rank > remote.rank ? "higher" : "lower";
  const oneNetwork = shareAddress(local, remote) || hasOwnAddress(remote);
  const open = hasOwnAddress(local) && hasOwnAddress(remote);
  const bothPredictable = predictable(local.mapping) && predictable(remote.mapping);
  const routes: Route[] = [];
  for (const { host, port } of pick(remote, "host", "passive")) {
    routes.push({ kind: "passive", host, port, afterMs: oneNetwork ? hostFirstMs[role] : hostLastMs });
  }
  for (const { host, port } of pick(remote, "srflx", "passive")) {
    const afterMs = bothPredictable && round === 0 ? mappedListenerLastMs : hostFirstMs[role];
    routes.push({ kind: "passive-mapped", host, port, afterMs });
  }
  if (bothPredictable) {
    for (const { host, port } of pick(remote, "srflx", "so")) {
      routes.push({ kind: "so", host, port, afterMs: open ? soBehindFirewallMs : 0 });
    }
  }
  return withoutRepeats(routes.filter((route) => canDial(local, route)));
}

/** A side dials only in address families that it has itself. */
function canDial(local: Whereabouts, route: Route): boolean {
  return local.candidates.some(({ host }) => familyOf(host) === familyOf(route.host));
}

function withoutRepeats(routes: readonly Route[]): readonly Route[] {
  const seen = new Set<string>();
  return [...routes]
    .sort((a, b) => a.afterMs - b.afterMs)
    .filter(({ kind, host, port }) => {
      const key = `${kind} ${host} ${port}`;
      return !seen.has(key) && seen.add(key);
    });
}

/**
 * How many rounds are worth it. Simultaneous open can fail by bad timing and deserves another try; where a mapping
 * cannot be predicted, only an open listener helps, and it does so at once or never. Both sides know both mappings,
 * so both come to the same answer.
 */
export function roundsWorthTrying(local: MappingGuess, remote: MappingGuess): number {
  const unpredictable = [local, remote].filter((mapping) => !predictable(mapping)).length;
  return unpredictable === 0 ? 3 : unpredictable === 1 ? 1 : 0;
}
