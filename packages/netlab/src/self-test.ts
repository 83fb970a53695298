// Every kind of NAT in a lab proves its class before a worker stands behind it: probes dial through it from both sides.
// A lab that is not what it says would make every result from it worthless, so a difference is an error.

import { FnmeshError } from "@fnmesh/core";
import { internetHosts } from "./addresses.ts";
import { classify, differences, type NatClass, type Sightings } from "./nat-class.ts";
import { type Probe, type ProbeListener, startProbe } from "./probe.ts";
import { type NatTraits, natTraits } from "./profiles.ts";
import type { LabPlan, Place } from "./topology.ts";

export interface SelfTestOptions {
  readonly plan: LabPlan;
  enter(rank: number): readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/**
 * How long silence must last to count as silence, by try. A packet takes well below a millisecond, but on a busy machine
 * an answer may come late: a first result that is not the promised one is measured again with more patience.
 */
const patiencesMs = [200, 2_000];

/** For what must succeed; only a lab that does not work at all needs as long. */
const certainMs = 10_000;

/** Time enough for a dial's SYN to have left; nobody waits for its answer. */
const knockMs = 20;

/** The classes of all kinds of NAT in the lab. Rejects with LAB_SELF_TEST or CANCELLED. */
export async function selfTest({ plan, enter, signal }: SelfTestOptions): Promise<readonly NatClass[]> {
  const probes: Probe[] = [];
  const start = (prefix: readonly string[]) => {
    const probe = startProbe(prefix);
    probes.push(probe);
    return probe;
  };
  const closeAll = () => Promise.all(probes.map((probe) => probe.close()));
  // Without its probes the test fails at once.
  signal?.addEventListener("abort", closeAll, { once: true });
  try {
    signal?.throwIfAborted();
    const kinds = kindsOf(plan.places);
    if (kinds.length === 0) return [];
    const internet = await listenOnInternet(start([]));
    return await Promise.all(
      kinds.map(({ place, neighbour }) =>
        testKind(place, internet, {
          inside: start(enter(place.rank)),
          ...(neighbour === undefined ? {} : { neighbour, next: start(enter(neighbour.rank)) }),
        }),
      ),
    );
  } catch (error) {
    throw signal?.aborted ? cancelled(signal) : error;
  } finally {
    signal?.removeEventListener("abort", closeAll);
    await closeAll();
  }
}

interface Kind {
  readonly place: Place;
  /** Another place behind the same NAT. */
  readonly neighbour: Place | undefined;
}

/** One place for each distinct kind of NAT. */
function kindsOf(places: readonly Place[]): readonly Kind[] {
  const behind = places.filter(({ nat }) => nat !== undefined);
  return behind
    .filter((place) => behind.find(({ profile }) => profile === place.profile) === place)
    .map((place) => ({
      place,
      neighbour: behind.find(({ nat, rank }) => nat === place.nat && rank !== place.rank),
    }));
}

/** The lab's internet as NATs are seen from it: two ports on one host, one on another. */
interface Internet {
  readonly probe: Probe;
  readonly observers: readonly [ProbeListener, ProbeListener, ProbeListener];
}

async function listenOnInternet(probe: Probe): Promise<Internet> {
  const [a, b] = internetHosts;
  const observers = [await probe.listen(a, 0), await probe.listen(a, 0), await probe.listen(b, 0)] as const;
  return { probe, observers };
}

/** The probes behind one NAT. */
interface Behind {
  readonly inside: Probe;
  readonly neighbour?: Place;
  readonly next?: Probe;
}

async function testKind(place: Place, internet: Internet, behind: Behind): Promise<NatClass> {
  const promised: NatTraits = natTraits[place.profile]!;
  let found: readonly string[] = [];
  for (const [round, patienceMs] of patiencesMs.entries()) {
    const measured = classify(place.profile, await look(place, internet, behind, round, patienceMs));
    found = differences(promised, measured);
    if (found.length === 0) return measured;
  }
  throw new FnmeshError(
    "LAB_SELF_TEST",
    `the lab's ${place.profile} NAT is not what it should be: ${found.join("; ")}`,
    { hint: "This kernel's nftables behaves otherwise than the lab expects; please report it." },
  );
}

async function look(
  place: Place,
  { probe: outside, observers }: Internet,
  { inside, neighbour, next }: Behind,
  round: number,
  patienceMs: number,
): Promise<Sightings> {
  const [a, b] = internetHosts;
  // Ports of its own for each round, so that no flow of the last one is open.
  const [mapping, listening, second, unused] = [0, 1, 2, 3].map((n) => place.ports.first + 8 * round + n);
  const contact = await outside.listen(a, 0);
  const observe = (listener: ProbeListener, localPort: number) =>
    inside.observe({ host: listener.host, port: listener.port, localPort, withinMs: certainMs, keep: true });
  const [mapped1, mapped2, mapped3, mappedListening, mappedSecond] = await Promise.all([
    observe(observers[0], mapping!),
    observe(observers[1], mapping!),
    observe(observers[2], mapping!),
    observe(contact, listening!),
    observe(observers[0], second!),
  ]);
  // The contacted endpoint and the listening port are now used the other way round: no connection may hold them.
  await inside.hangUp();
  await contact.close();
  // For hairpinning the NAT must have seen the listening side dial too.
  await inside.dial({ ...mappedSecond, localPort: listening!, withinMs: knockMs });
  await inside.listen(place.address, listening!);
  const there = await next?.listen(neighbour!.address, 0);

  const withinMs = patienceMs;
  const [fromContacted, fromOtherPort, fromStranger, toUnmapped, hairpin, toNeighbour] = await Promise.all([
    outside.dial({ ...mappedListening, localAddress: a, localPort: contact.port, withinMs }),
    outside.dial({ ...mappedListening, localAddress: a, withinMs }),
    outside.dial({ ...mappedListening, localAddress: b, withinMs }),
    outside.dial({ host: mappedListening.host, port: unused!, localAddress: b, withinMs }),
    inside.dial({ ...mappedListening, localPort: second!, withinMs }),
    there === undefined ? undefined : inside.dial({ host: there.host, port: there.port, withinMs }),
  ]);
  return {
    mapped: [mapped1, mapped2, mapped3],
    ...{ fromContacted, fromOtherPort, fromStranger, toUnmapped, hairpin },
    ...(toNeighbour === undefined ? {} : { toNeighbour }),
  };
}

function cancelled({ reason }: AbortSignal): FnmeshError {
  if (reason instanceof FnmeshError) return reason;
  return new FnmeshError("CANCELLED", "the NAT lab's self-test was cancelled", { cause: reason });
}
