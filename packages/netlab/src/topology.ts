// A lab as a plan: who stands where, and the lines for `ip -batch`, settings and nftables rules that make it so. Pure.
//
//   internet (this process: orchestrator, router) --- n0 [wan nat-0 lan0] --- [eth0 worker-0]
//                                                 --- n1 [wan nat-1 lan1] --- [eth0 worker-1]   its own NAT each
//                                                                    lan2 --- [eth0 worker-2]   or a shared one
//                                                 --- w3 ------------------- [eth0 worker-3]   or none
//
// Every link is point to point and routed, its neighbours are permanent entries: no ARP, and nothing in the neighbour
// table (1,024 entries for all namespaces of the machine) that could overflow, as a bridge of 64 hosts does.

import {
  internetHosts,
  macAddress,
  natAddress,
  nextHop,
  ownPorts,
  type PortRange,
  privateAddress,
  publicAddress,
  usualPorts,
} from "./addresses.ts";
import { type LabProfile, natTraits, type PlaceProfile, placeProfile } from "./profiles.ts";
import { lan, type NatPlan, natRules, wan } from "./rules.ts";

/** Where a worker stands. */
export interface Place {
  readonly rank: number;
  readonly profile: PlaceProfile;
  /** The number of its NAT; absent: a public address. */
  readonly nat?: number;
  /** Its own address, behind the NAT if there is one. */
  readonly address: string;
  /** The ports from which it may dial. */
  readonly ports: PortRange;
  readonly namespace: string;
}

/** A kernel setting below /proc/sys/net. */
export interface Setting {
  readonly path: string;
  readonly value: string;
}

/** What makes one namespace after its links were put into it. */
export interface NamespacePlan {
  readonly name: string;
  readonly settings: readonly Setting[];
  /** For `ip -batch`. */
  readonly ip: readonly string[];
  /** For `tc -batch`. */
  readonly tc?: readonly string[];
  /** For `nft -f`. */
  readonly rules?: string;
}

export interface LabPlan {
  readonly places: readonly Place[];
  readonly nats: readonly NatPlan[];
  /** For `ip -batch` in the internet's namespace: namespaces and links, in this order. */
  readonly links: readonly string[];
  readonly namespaces: readonly NamespacePlan[];
  /** For `ip -batch` in the internet's namespace, last: the ways to all public addresses. */
  readonly routes: readonly string[];
  /** For `tc -batch` in the internet's namespace: what limits the links of workers without a NAT. */
  readonly tc: readonly string[];
}

/** The group of all links that end in the internet's namespace: one command removes them. */
export const linkGroup = 77;

/** Who stands where. Ranks behind one shared NAT have disjoint ports. */
export function planPlaces(profile: LabProfile, workers: number): readonly Place[] {
  const ranks = Array.from({ length: workers }, (_, rank) => rank);
  const natNumbers = new Map<string, number>();
  return ranks.map((rank) => {
    const place = placeProfile(profile, rank);
    const namespace = `worker-${rank}`;
    const traits = natTraits[place];
    if (traits === null)
      return { rank, profile: place, namespace, address: publicAddress(rank), ports: usualPorts };
    const key = traits.shared ? place : `${rank}`;
    const nat = natNumbers.get(key) ?? natNumbers.size;
    natNumbers.set(key, nat);
    const sharers = ranks.filter((other) => placeProfile(profile, other) === place);
    const ports = traits.shared ? ownPorts(sharers.indexOf(rank), sharers.length) : usualPorts;
    return { rank, profile: place, nat, namespace, address: privateAddress(rank), ports };
  });
}

/** `linkRate`: of each worker's link, each way, in bits per second; absent: as fast as the machine. */
export function planLab(profile: LabProfile, workers: number, linkRate?: number): LabPlan {
  const places = planPlaces(profile, workers);
  const exposed = places.filter((place) => place.nat === undefined);
  const behind = groupByNat(places);
  const nats = behind.map(natPlan);
  return {
    places,
    nats,
    links: [
      ...internetHosts.map((host) => `addr add ${host}/32 dev lo`),
      ...behind.map((_, nat) => `netns add ${natNamespace(nat)}`),
      ...places.map((place) => `netns add ${place.namespace}`),
      ...behind.map((_, nat) => natUplink(nat)),
      ...exposed.map(workerUplink),
      ...behind.flatMap((members, nat) => members.map((place) => downlink(nat, place))),
    ],
    namespaces: [
      ...behind.map((members, nat) => natSide(nat, members, nats[nat]!, linkRate)),
      ...places.map((place) => workerSide(place, linkRate)),
    ],
    routes: [
      ...behind.flatMap((_, nat) => route(natAddress(nat), `n${nat}`, macAddress(natLink(nat), 1))),
      ...exposed.flatMap(({ rank, address }) => route(address, `w${rank}`, macAddress(workerLink(rank), 1))),
    ],
    tc: exposed.flatMap(({ rank }) => limited(`w${rank}`, linkRate)),
  };
}

/** The places behind each NAT, by its number: numbers are given in the order of ranks, so the map keeps theirs. */
function groupByNat(places: readonly Place[]): readonly (readonly Place[])[] {
  const groups = new Map<number, Place[]>();
  for (const place of places) {
    if (place.nat !== undefined) groups.set(place.nat, [...(groups.get(place.nat) ?? []), place]);
  }
  return [...groups.values()];
}

const natNamespace = (nat: number) => `nat-${nat}`;
const workerInterface = "eth0";
// Each NAT's link to the internet and each worker's only link have a number, from which their MAC addresses come.
const natLink = (nat: number) => 2 * nat;
const workerLink = (rank: number) => 2 * rank + 1;

function natPlan(members: readonly Place[], nat: number): NatPlan {
  const traits = natTraits[members[0]!.profile]!;
  return {
    traits,
    publicAddress: natAddress(nat),
    inside: members.map(({ address, ports }) => ({ address, ports })),
  };
}

const natUplink = (nat: number) => uplink(`n${nat}`, natLink(nat), wan, natNamespace(nat));

const workerUplink = ({ rank, namespace }: Place) =>
  uplink(`w${rank}`, workerLink(rank), workerInterface, namespace);

/** A link from the internet's namespace. */
function uplink(here: string, link: number, there: string, namespace: string): string {
  return (
    `link add ${here} address ${macAddress(link, 0)} group ${linkGroup} up type veth ` +
    `peer name ${there} netns ${namespace} address ${macAddress(link, 1)}`
  );
}

/** A link from a NAT to a worker. */
function downlink(nat: number, { rank, namespace }: Place): string {
  const link = workerLink(rank);
  return (
    `link add ${lan(rank)} netns ${natNamespace(nat)} address ${macAddress(link, 0)} type veth ` +
    `peer name ${workerInterface} netns ${namespace} address ${macAddress(link, 1)}`
  );
}

const neighbour = (address: string, device: string, mac: string) =>
  `neigh add ${address} lladdr ${mac} dev ${device} nud permanent`;

const route = (address: string, device: string, mac: string) => [
  neighbour(address, device, mac),
  `route add ${address}/32 dev ${device}`,
];

const defaultRoute = (device: string, mac: string) => [
  neighbour(nextHop, device, mac),
  `route add default via ${nextHop} dev ${device} onlink`,
];

function natSide(
  nat: number,
  members: readonly Place[],
  plan: NatPlan,
  linkRate: number | undefined,
): NamespacePlan {
  const devices = [wan, ...members.map(({ rank }) => lan(rank))];
  return {
    name: natNamespace(nat),
    settings: [...routerSettings(devices), ...trackingSettings],
    ip: [
      // The first address makes the table of local routes, without which no next hop is valid.
      "link set lo up",
      ...devices.map((device) => `link set ${device} up`),
      ...defaultRoute(wan, macAddress(natLink(nat), 0)),
      ...members.flatMap(({ rank, address }) => route(address, lan(rank), macAddress(workerLink(rank), 1))),
    ],
    tc: members.flatMap(({ rank }) => limited(lan(rank), linkRate)),
    rules: natRules(plan),
  };
}

function workerSide({ rank, address, ports, namespace }: Place, linkRate: number | undefined): NamespacePlan {
  return {
    name: namespace,
    settings: [
      { path: "ipv4/ip_local_port_range", value: `${ports.first} ${ports.last}` },
      { path: `ipv6/conf/${workerInterface}/disable_ipv6`, value: "1" },
    ],
    ip: [
      "link set lo up",
      `addr add ${address}/32 dev ${workerInterface}`,
      `link set ${workerInterface} up`,
      ...defaultRoute(workerInterface, macAddress(workerLink(rank), 0)),
    ],
    tc: limited(workerInterface, linkRate),
  };
}

/**
 * What may leave at once: the largest packet that the kernel hands to a link, 64 KiB, as it counts it: with the headers
 * of all frames that it is to become. With less it would cut each into frames by itself, which took three times the
 * processor time, of which all workers share a few cores.
 */
const linkBurstBytes = 72 * 1024;

/**
 * What waits before it is dropped: the first ten packets of 255 connections at once (RFC 6928), which is what a shuffle
 * begins with, and a burst. A queue for each connection would be fairer; this kernel may lack the scheduler for it.
 */
const linkQueueBytes = 4 * 1024 * 1024;

/** A token bucket on what leaves by a device; each end of a link has its own, so the two ways do not share. */
const limited = (device: string, rate: number | undefined): readonly string[] =>
  rate === undefined
    ? []
    : [
        `qdisc add dev ${device} root tbf rate ${Math.round(rate)}bit burst ${linkBurstBytes}b limit ${linkQueueBytes}b`,
      ];

/**
 * A namespace that forwards. A source address is translated before routing, so reverse path checks must be off; IPv6 is
 * off because the lab has none, and link-local addresses would only make noise.
 */
export const routerSettings = (devices: readonly string[]): readonly Setting[] => [
  { path: "ipv4/ip_forward", value: "1" },
  ...["all", "default", ...devices].flatMap((device) => [
    { path: `ipv4/conf/${device}/rp_filter`, value: "0" },
    { path: `ipv4/conf/${device}/send_redirects`, value: "0" },
    { path: `ipv6/conf/${device}/disable_ipv6`, value: "1" },
  ]),
];

/** A long connection must not be lost over a segment that came late; entries of dead dials need not stay two minutes. */
const trackingSettings: readonly Setting[] = [
  { path: "netfilter/nf_conntrack_tcp_be_liberal", value: "1" },
  { path: "netfilter/nf_conntrack_tcp_timeout_syn_sent", value: "30" },
];
