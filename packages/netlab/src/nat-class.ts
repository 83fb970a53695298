// From what a probe saw to the class of a NAT, and whether that is the class its profile promises. Pure.

import type { Endpoint, Filtering, Mapping } from "@fnmesh/core/internal";
import type { Outcome } from "./probe.ts";
import type { NatTraits, PlaceProfile, Unsolicited } from "./profiles.ts";

/** A NAT's class as measured, in the words of RFC 4787 and RFC 5382. */
export interface NatClass {
  readonly profile: PlaceProfile;
  readonly mapping: Mapping;
  readonly filtering: Filtering;
  readonly hairpinning: boolean;
  readonly unsolicited: Unsolicited;
  /** Whether an endpoint that was dialled can dial back. It need not where the mapping depends on the peer. */
  readonly admitsContacted: boolean;
  /** Whether two workers behind it reach each other by private address; absent: it has one worker only. */
  readonly neighbours?: boolean;
}

/** What probes saw of one NAT. The internet has two hosts, a and b, with two ports on a. */
export interface Sightings {
  /** Where one local port was seen from: a's first port, a's second port, b. */
  readonly mapped: readonly [Endpoint, Endpoint, Endpoint];
  /** How dials to a mapped endpoint with a listener behind it ended, by who dialled: an endpoint on a that it had
   * contacted, another port of a, host b which it had not contacted. */
  readonly fromContacted: Outcome;
  readonly fromOtherPort: Outcome;
  readonly fromStranger: Outcome;
  /** A dial to a port of the NAT that nobody had used. */
  readonly toUnmapped: Outcome;
  /** A dial from behind the NAT to a mapped endpoint of the same NAT. */
  readonly hairpin: Outcome;
  /** A dial to a neighbour's private address. */
  readonly toNeighbour?: Outcome;
}

export function classify(profile: PlaceProfile, seen: Sightings): NatClass {
  const filtering = filteringOf(seen);
  return {
    profile,
    mapping: mappingOf(seen.mapped),
    filtering,
    hairpinning: seen.hairpin === "answered",
    // What lets anyone in to its mapped endpoints shows its temper only at an unmapped one.
    unsolicited:
      (filtering === "endpoint-independent" ? seen.toUnmapped : seen.fromStranger) === "refused"
        ? "reset"
        : "drop",
    admitsContacted: seen.fromContacted === "answered",
    ...(seen.toNeighbour === undefined ? {} : { neighbours: seen.toNeighbour === "answered" }),
  };
}

/** RFC 5780, section 4.3. */
function mappingOf([first, otherPort, otherHost]: Sightings["mapped"]): Mapping {
  const same = (a: Endpoint, b: Endpoint) => a.host === b.host && a.port === b.port;
  if (!same(first, otherPort)) return "address-and-port-dependent";
  return same(first, otherHost) ? "endpoint-independent" : "address-dependent";
}

/** RFC 5780, section 4.4. */
function filteringOf({ fromStranger, fromOtherPort }: Sightings): Filtering {
  if (fromStranger === "answered") return "endpoint-independent";
  return fromOtherPort === "answered" ? "address-dependent" : "address-and-port-dependent";
}

/** In what a measured class differs from the promised traits, as words for a person; none: it keeps the promise. */
export function differences(promised: NatTraits, measured: NatClass): readonly string[] {
  const found: string[] = [];
  const compare = (what: string, wanted: unknown, got: unknown) => {
    if (wanted !== got) found.push(`${what} is ${got}, not ${wanted}`);
  };
  compare("mapping", promised.mapping, measured.mapping);
  compare("filtering", promised.filtering, measured.filtering);
  compare("hairpinning", promised.hairpinning, measured.hairpinning);
  compare("the answer to an unsolicited SYN", promised.unsolicited, measured.unsolicited);
  if (promised.mapping === "endpoint-independent")
    compare("letting contacted endpoints in", true, measured.admitsContacted);
  if (measured.neighbours !== undefined)
    compare("neighbours reaching each other", promised.neighbours, measured.neighbours);
  return found;
}
