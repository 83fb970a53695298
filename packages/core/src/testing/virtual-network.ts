// An internet in memory: hosts, NATs (also nested) and links between them, on virtual time, the same at every run with
// one seed. Hosts implement `Net`, so whole sessions run over it: punching, TLS, channels.
//
//   host --link-- realm(inside NAT) --NAT--link-- realm(internet) --link-- host

import { Link, type LinkOptions } from "./link.ts";
import { NatDevice } from "./nat-device.ts";
import { endpointText, type NatModel } from "./nat-model.ts";
import type { Node, Realm } from "./realm.ts";
import { type SeededRandom, seededRandom } from "./seeded-random.ts";
import type { TcpLimits } from "./tcp/connection.ts";
import { resetFor, type Segment, unreachableFor, wantsAnswer } from "./tcp/segment.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import { type OpenSocket, VirtualHost } from "./virtual-host.ts";

export interface NetworkOptions {
  readonly seed: number | string;
  readonly clock: VirtualClock;
  readonly tcp?: Partial<TcpLimits>;
  /** Keeps a line for each segment's fate; see `trace`. */
  readonly traced?: boolean;
}

export interface HostOptions extends LinkOptions {
  readonly name?: string;
  /** One address, or one for each IP version. */
  readonly address: string | readonly string[];
  readonly behind?: NatDevice;
}

export interface NatOptions extends LinkOptions {
  readonly name?: string;
  readonly publicAddress: string;
  readonly behaviour: NatModel;
  readonly behind?: NatDevice;
}

/** True: this segment, sent by host `from` and about to reach host `to`, is lost. */
export type Fault = (segment: Segment, from: VirtualHost, to: VirtualHost) => boolean;

const standardLimits: TcpLimits = {
  // Larger than a real segment: fewer events, and no rule here depends on the size.
  segmentBytes: 16 * 1024,
  sendBufferBytes: 64 * 1024,
  receiveBufferBytes: 64 * 1024,
};
const loopbackMs = 0.01;
/** Above what any sane topology needs: a routing loop shows as an error instead of running for ever. */
const mostHops = 32;

interface Packet {
  readonly segment: Segment;
  readonly origin: VirtualHost;
  readonly hops: number;
}

export class VirtualNetwork {
  readonly clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #limits: TcpLimits;
  readonly #internet: Realm = { name: "internet", nodes: new Map() };
  readonly #hosts: { readonly host: VirtualHost; readonly link: Link }[] = [];
  readonly #faults = new Set<Fault>();
  readonly #trace: string[] | undefined;
  #attempts = 0;
  #nats = 0;

  constructor(options: NetworkOptions) {
    this.clock = options.clock;
    this.#random = seededRandom(options.seed).fork("network");
    this.#limits = { ...standardLimits, ...options.tcp };
    this.#trace = options.traced ? [] : undefined;
  }

  host(options: HostOptions): VirtualHost {
    const realm = options.behind?.inside ?? this.#internet;
    const addresses = typeof options.address === "string" ? [options.address] : options.address;
    const name = options.name ?? `${realm.name}/${addresses[0]}`;
    const random = this.#random.fork(`host ${name}`);
    const link = new Link(options, this.clock, random.fork("link"));
    const host: VirtualHost = new VirtualHost({
      name,
      addresses,
      limits: this.#limits,
      random,
      now: () => this.clock.now(),
      schedule: (delayMs, callback) => this.clock.schedule(delayMs, callback),
      nextAttempt: () => {
        this.#attempts += 1;
        return this.#attempts;
      },
      transmit: (segment) => this.#send(segment, host, link, realm),
    });
    for (const address of addresses) this.#place(realm, address, { kind: "host", host, link });
    this.#hosts.push({ host, link });
    return host;
  }

  nat(options: NatOptions): NatDevice {
    const outside = options.behind?.inside ?? this.#internet;
    this.#nats += 1;
    const name = options.name ?? `nat${this.#nats}`;
    const random = this.#random.fork(`nat ${name}`);
    const link = new Link(options, this.clock, random.fork("link"));
    const inside: Realm = { name, nodes: new Map() };
    const { publicAddress, behaviour: model } = options;
    const nat = new NatDevice({
      name,
      publicAddress,
      model,
      outside,
      inside,
      link,
      random,
      now: () => this.clock.now(),
    });
    inside.gateway = nat;
    this.#place(outside, publicAddress, { kind: "nat", nat, link });
    return nat;
  }

  /** Pulls the cable: whatever comes from there, and whatever is sent there, is lost without a word. */
  cut(place: VirtualHost | NatDevice): void {
    this.#linkOf(place).cut();
  }

  restore(place: VirtualHost | NatDevice): void {
    this.#linkOf(place).restore();
  }

  /** Loses the segments that `fault` says. Returns what ends it. */
  fault(fault: Fault): () => void {
    this.#faults.add(fault);
    return () => this.#faults.delete(fault);
  }

  /** Nothing passes between the two groups, in either direction. Returns what heals it. */
  partition(left: readonly VirtualHost[], right: readonly VirtualHost[]): () => void {
    const apart = (a: VirtualHost, b: VirtualHost) => left.includes(a) && right.includes(b);
    return this.fault((_segment, from, to) => apart(from, to) || apart(to, from));
  }

  /** Every socket and listener that somebody still holds. */
  openSockets(): OpenSocket[] {
    return this.#hosts.flatMap(({ host }) => host.openSockets());
  }

  /** One line for each segment's fate: `12.5 delivered syn 203.0.113.1:4000 > 203.0.113.2:4000`. */
  trace(): readonly string[] {
    if (this.#trace === undefined) throw new Error("the network was created without { traced: true }");
    return this.#trace;
  }

  #place(realm: Realm, address: string, node: Node): void {
    if (realm.nodes.has(address)) throw new Error(`${address} is taken in ${realm.name}`);
    realm.nodes.set(address, node);
  }

  #linkOf(place: VirtualHost | NatDevice): Link {
    if (place instanceof NatDevice) return place.link;
    const found = this.#hosts.find(({ host }) => host === place);
    if (found === undefined) throw new Error(`${place.name} is not in this network`);
    return found.link;
  }

  #send(segment: Segment, origin: VirtualHost, link: Link, realm: Realm): void {
    if (
      segment.to.host === segment.from.host ||
      segment.to.host.startsWith("127.") ||
      segment.to.host === "::1"
    ) {
      this.clock.schedule(loopbackMs, () => origin.receive(segment));
      return;
    }
    this.#note("sent", segment);
    const packet = { segment, origin, hops: 0 };
    this.#carry(link, "up", packet, () => this.#route(realm, packet));
  }

  #carry(link: Link, direction: "up" | "down", packet: Packet, arrive: () => void): void {
    if (packet.hops > mostHops) throw new Error(`${packet.segment.kind} goes round in circles`);
    link.carry(direction, packet.segment, arrive, (why) => this.#note(why, packet.segment));
  }

  #route(realm: Realm, packet: Packet): void {
    const next = { ...packet, hops: packet.hops + 1 };
    const node = realm.nodes.get(packet.segment.to.host);
    if (node?.kind === "host") this.#carry(node.link, "down", next, () => this.#deliver(node.host, next));
    else if (node?.kind === "nat") this.#carry(node.link, "down", next, () => this.#enter(node.nat, next));
    else if (realm.gateway !== undefined) this.#leave(realm.gateway, next);
    else this.#giveBack(realm, next);
  }

  #giveBack(realm: Realm, packet: Packet): void {
    this.#note("unreachable", packet.segment);
    const segment = unreachableFor(packet.segment);
    if (packet.segment.kind === "syn") this.#route(realm, { ...packet, segment });
  }

  #deliver(host: VirtualHost, { segment, origin }: Packet): void {
    const lost = [...this.#faults].some((fault) => fault(segment, origin, host));
    this.#note(lost ? "fault" : "delivered", segment);
    if (!lost) host.receive(segment);
  }

  /** From inside a NAT to its outside, or back in by hairpinning (RFC 4787, section 6). */
  #leave(nat: NatDevice, packet: Packet): void {
    const toItself = packet.segment.to.host === nat.publicAddress;
    if (toItself && !nat.model.hairpinning) {
      this.#refuse(nat.model.unsolicited, packet, (reset) => this.#route(nat.inside, reset));
      return;
    }
    const segment = nat.outbound(packet.segment);
    if (segment === undefined) {
      this.#note("no port left", packet.segment);
      return;
    }
    const outside = { ...packet, segment };
    if (toItself) this.#enter(nat, outside);
    else this.#carry(nat.link, "up", outside, () => this.#route(nat.outside, outside));
  }

  #enter(nat: NatDevice, packet: Packet): void {
    const result = nat.inbound(packet.segment);
    if (typeof result !== "string") {
      this.#route(nat.inside, { ...packet, segment: result });
      return;
    }
    const fromInside = packet.segment.from.host === nat.publicAddress;
    this.#refuse(result, packet, (reset) =>
      fromInside ? this.#enter(nat, reset) : this.#route(nat.outside, reset),
    );
  }

  #refuse(verdict: "drop" | "reset", packet: Packet, answer: (reset: Packet) => void): void {
    this.#note(verdict === "drop" ? "filtered" : "refused", packet.segment);
    if (verdict === "reset" && wantsAnswer(packet.segment))
      answer({ ...packet, segment: resetFor(packet.segment) });
  }

  #note(fate: string, { kind, from, to, bytes }: Segment): void {
    if (this.#trace === undefined) return;
    const size = bytes.length === 0 ? "" : ` ${bytes.length} B`;
    const at = this.clock.now().toFixed(3);
    this.#trace.push(`${at} ${fate} ${kind} ${endpointText(from)} > ${endpointText(to)}${size}`);
  }
}

/**
 * @example
 * const clock = createVirtualClock();
 * const network = createVirtualNetwork({ seed: 1, clock });
 * const nat = network.nat({ publicAddress: "203.0.113.1", behaviour: natModels.restricted });
 * const worker = network.host({ address: "10.0.0.2", behind: nat }); // implements Env["net"]
 */
export const createVirtualNetwork = (options: NetworkOptions): VirtualNetwork => new VirtualNetwork(options);
