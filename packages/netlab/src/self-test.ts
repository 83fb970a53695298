// Every kind of NAT in a lab proves its class before a worker stands behind it: probes dial through it from both sides.
// A lab that is not what it says would make every result from it worthless, so a difference is an error.

import { FnmeshError } from "@fnmesh/core";
import { cancelled } from "./lab-errors.ts";
import { type Behind, type Internet, listenOnInternet, measure } from "./measure.ts";
import { classify, differences, type NatClass } from "./nat-class.ts";
import { type Probe, startProbe } from "./probe.ts";
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
    const behind = kinds.map((places) => probesBehind(places, (place) => start(enter(place.rank))));
    return await Promise.all(behind.map((kind) => testKind(kind, internet)));
  } catch (error) {
    throw signal?.aborted ? cancelled(signal, "the NAT lab's self-test") : error;
  } finally {
    signal?.removeEventListener("abort", closeAll);
    await closeAll();
  }
}

/** For each distinct kind of NAT a place behind one, and another place behind the same one if there is any. */
function kindsOf(places: readonly Place[]): readonly (readonly [Place, Place?])[] {
  const behind = places.filter(({ nat }) => nat !== undefined);
  const first = behind.filter((place) => behind.find(({ profile }) => profile === place.profile) === place);
  return first.map((place) => {
    const neighbour = behind.find(({ nat, rank }) => nat === place.nat && rank !== place.rank);
    return neighbour === undefined ? [place] : [place, neighbour];
  });
}

function probesBehind([place, next]: readonly [Place, Place?], start: (place: Place) => Probe): Behind {
  const inside = start(place);
  return next === undefined
    ? { place, inside }
    : { place, inside, neighbour: { place: next, probe: start(next) } };
}

async function testKind(behind: Behind, internet: Internet): Promise<NatClass> {
  const { profile } = behind.place;
  const promised: NatTraits = natTraits[profile]!;
  let found: readonly string[] = [];
  for (const [round, patienceMs] of patiencesMs.entries()) {
    const measured = classify(profile, await measure(behind, internet, round, patienceMs));
    found = differences(promised, measured);
    if (found.length === 0) return measured;
  }
  const message = `the lab's ${profile} NAT is not what it should be: ${found.join("; ")}`;
  throw new FnmeshError("LAB_SELF_TEST", message, {
    hint: "This kernel's nftables behaves otherwise than the lab expects; please report it.",
  });
}
