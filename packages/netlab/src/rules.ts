// A NAT's traits as nftables rules: pure text. An endpoint-independent mapping is written as a stateless translation of
// address and port, not with the kernel's connection tracking: that one picks another port on a clash, forgets an entry at
// the first RST, and cannot filter independently of what it mapped. A dependent mapping is what it does well.

import { internetHosts, type PortRange, privateNetwork } from "./addresses.ts";
import type { NatTraits } from "./profiles.ts";

/** A worker behind the NAT, and the ports that are its own. */
export interface Inside {
  readonly address: string;
  readonly ports: PortRange;
}

export interface NatPlan {
  readonly traits: NatTraits;
  readonly publicAddress: string;
  readonly inside: readonly Inside[];
}

/** The interfaces' names in a NAT's namespace; workers' are `lan` with a number. */
export const wan = "wan";
export const lan = (rank: number) => `lan${rank}`;

/**
 * External port = internal port XOR this: one to one, and never the same, so that nobody gets away with taking a local
 * port for the mapped one. Below 64, the least size of a worker's block of ports, so blocks map onto themselves.
 */
export const portTwist = 0x2a;

/**
 * More than all workers' connections with all their tries; memory is taken as flows come. A flow stays as long as the
 * lab, which lives shorter than the two hours that RFC 5382 REQ-5 gives an idle connection.
 */
const mostFlows = 1_048_576;

const pureSyn = "tcp flags & (syn | ack) == syn";

/** The nftables ruleset of one NAT, for `nft -f`. */
export function natRules(nat: NatPlan): string {
  return nat.traits.mapping === "endpoint-independent" ? statelessRules(nat) : trackedRules(nat);
}

/** What a flow is remembered by, seen from outside: the mapped port, then as much of the peer as the filtering asks for. */
const flowKeys = {
  "endpoint-independent": { type: "inet_service", out: "tcp sport", in: "tcp dport" },
  "address-dependent": {
    type: "inet_service . ipv4_addr",
    out: "tcp sport . ip daddr",
    in: "tcp dport . ip saddr",
  },
  "address-and-port-dependent": {
    type: "inet_service . ipv4_addr . inet_service",
    out: "tcp sport . ip daddr . tcp dport",
    in: "tcp dport . ip saddr . tcp sport",
  },
} as const;

// All is done before routing, where a packet from inside may turn round: it is first made to look like one from outside
// (RFC 5382 REQ-8: with the external source address) and then goes through the same filter as any of those.
function statelessRules({ traits, publicAddress, inside }: NatPlan): string {
  const key = flowKeys[traits.filtering];
  return `table ip nat {
  set flows { type ${key.type}; flags dynamic; size ${mostFlows}; }
  chain arrive {
    type filter hook prerouting priority raw; policy drop;
    meta l4proto != tcp drop
    iifname "${wan}" goto inbound
    iifname "lan*" goto outbound
  }
  chain outbound {
${privateRules(traits, inside)}
    tcp sport set tcp sport ^ ${portTwist}
    ip saddr set ${publicAddress}
    ${pureSyn} add @flows { ${key.out} }
    ip daddr ${publicAddress} ${traits.hairpinning ? "goto inbound" : "drop"}
    accept
  }
  chain inbound {
    ip daddr != ${publicAddress} drop
    ${key.in} != @flows goto unsolicited
    tcp dport set tcp dport ^ ${portTwist}
    ip daddr set ${destination(inside)}
    accept
  }
  chain unsolicited {
${traits.unsolicited === "reset" ? `    ${pureSyn} reject with tcp reset\n` : ""}    drop
  }
}
`;
}

function privateRules(traits: NatTraits, inside: readonly Inside[]): string {
  const drop = `    ip daddr ${privateNetwork} drop`;
  if (!traits.neighbours) return drop;
  return `    ip daddr { ${inside.map(({ address }) => address).join(", ")} } accept\n${drop}`;
}

function destination(inside: readonly Inside[]): string {
  if (inside.length === 1) return inside[0]!.address;
  const owners = inside.map(({ address, ports }) => `${ports.first}-${ports.last} : ${address}`);
  return `tcp dport map { ${owners.join(", ")} }`;
}

// A packet that is dropped before its connection is confirmed leaves no entry behind: a stranger's SYN cannot spoil a
// mapping. Invalid packets must not pass either: untranslated, they would be routed back to where they came from.
// Each dial gets a new random port. A peer whose NAT answers RST may be dialled a thousand times in one burst, and one of
// them could by luck have the port that the orchestrator saw, where the peer dials: so those ports are kept apart.
function trackedRules({ traits, publicAddress }: NatPlan): string {
  const answer = traits.unsolicited === "reset" ? "reject with tcp reset" : "drop";
  return `table ip nat {
  chain arrive {
    type filter hook prerouting priority mangle; policy accept;
    meta l4proto != tcp drop
    iifname "${wan}" ct state new ${answer}
    ct state invalid drop
    iifname "lan*" ip daddr { ${privateNetwork}, ${publicAddress} } drop
  }
  chain leave {
    type nat hook postrouting priority srcnat; policy accept;
    oifname != "${wan}" accept
    ip daddr { ${internetHosts.join(", ")} } meta l4proto tcp snat to ${publicAddress}:1024-32767 fully-random
    meta l4proto tcp snat to ${publicAddress}:32768-65535 fully-random
  }
}
`;
}
