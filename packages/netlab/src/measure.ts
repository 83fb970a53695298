// What probes on both sides of one NAT see of it: RFC 5780's tests of mapping and filtering, over TCP.

import type { Endpoint } from "@fnmesh/core/internal";
import { internetHosts } from "./addresses.ts";
import type { Sightings } from "./nat-class.ts";
import type { Probe, ProbeListener } from "./probe.ts";
import type { Place } from "./topology.ts";

/** For what must succeed; only a lab that does not work at all needs as long. */
const certainMs = 10_000;

/** Time enough for a dial's SYN to have left; nobody waits for its answer. */
const knockMs = 20;

const [hostA, hostB] = internetHosts;

/** The lab's internet as NATs are seen from it: two ports on host a, one on host b. */
export interface Internet {
  readonly probe: Probe;
  readonly observers: readonly [ProbeListener, ProbeListener, ProbeListener];
}

export async function listenOnInternet(probe: Probe): Promise<Internet> {
  const listen = (host: string) => probe.listen(host, 0);
  return { probe, observers: [await listen(hostA), await listen(hostA), await listen(hostB)] };
}

/** The probes behind one NAT. */
export interface Behind {
  readonly place: Place;
  readonly inside: Probe;
  /** Another place behind the same NAT, and the probe in it. */
  readonly neighbour?: { readonly place: Place; readonly probe: Probe };
}

/** Measures one NAT. Each round uses ports of its own, so that no flow of an earlier one is open. */
export async function measure(
  behind: Behind,
  internet: Internet,
  round: number,
  patienceMs: number,
): Promise<Sightings> {
  const first = behind.place.ports.first + 8 * round;
  const ports: Ports = { mapping: first, listening: first + 1, second: first + 2, unused: first + 3 };
  const seen = await observeMappings(behind.inside, internet, ports);
  return { mapped: seen.mapped, ...(await dialMapped(behind, internet.probe, ports, seen, patienceMs)) };
}

/** A worker's ports by their use: seen from three places, dialled from outside, dialling its own NAT, never used. */
type Ports = Readonly<Record<"mapping" | "listening" | "second" | "unused", number>>;

interface Seen {
  readonly mapped: Sightings["mapped"];
  readonly listening: Endpoint;
  readonly second: Endpoint;
  /** The endpoint on host a that the listening port has contacted. */
  readonly contact: Endpoint;
}

async function observeMappings(inside: Probe, { probe, observers }: Internet, ports: Ports): Promise<Seen> {
  const contact = await probe.listen(hostA, 0);
  const observe = ({ host, port }: Endpoint, localPort: number) =>
    inside.observe({ host, port, localPort, withinMs: certainMs, keep: true });
  const [one, two, three, listening, second] = await Promise.all([
    observe(observers[0], ports.mapping),
    observe(observers[1], ports.mapping),
    observe(observers[2], ports.mapping),
    observe(contact, ports.listening),
    observe(observers[0], ports.second),
  ]);
  // The contacted endpoint and the listening port are now used the other way round: no connection may hold them.
  await inside.hangUp();
  await contact.close();
  return { mapped: [one, two, three], listening, second, contact };
}

async function dialMapped(
  { place, inside, neighbour }: Behind,
  outside: Probe,
  ports: Ports,
  { listening, second, contact }: Seen,
  withinMs: number,
): Promise<Omit<Sightings, "mapped">> {
  // For hairpinning the NAT must have seen the listening side dial too.
  await inside.dial({ ...second, localPort: ports.listening, withinMs: knockMs });
  await inside.listen(place.address, ports.listening);
  const there = await neighbour?.probe.listen(neighbour.place.address, 0);
  const unmapped = { host: listening.host, port: ports.unused };
  const [fromContacted, fromOtherPort, fromStranger, toUnmapped, hairpin, toNeighbour] = await Promise.all([
    outside.dial({ ...listening, localAddress: hostA, localPort: contact.port, withinMs }),
    outside.dial({ ...listening, localAddress: hostA, withinMs }),
    outside.dial({ ...listening, localAddress: hostB, withinMs }),
    outside.dial({ ...unmapped, localAddress: hostB, withinMs }),
    inside.dial({ ...listening, localPort: ports.second, withinMs }),
    there && inside.dial({ host: there.host, port: there.port, withinMs }),
  ]);
  const outcomes = { fromContacted, fromOtherPort, fromStranger, toUnmapped, hairpin };
  return toNeighbour === undefined ? outcomes : { ...outcomes, toNeighbour };
}
