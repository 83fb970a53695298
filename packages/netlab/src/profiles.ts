// The NAT profiles, as data: how each NAT behaves (RFC 4787 and RFC 5382 words), who stands behind it, and which
// path two workers must therefore get. The rules, the self-test, the tests and the documentation all read this table.

import { FnmeshError } from "@fnmesh/core";
import type { NatBehaviour } from "@fnmesh/core/internal";

export const labProfiles = [
  "none",
  "open",
  "restricted",
  "reset",
  "symmetric",
  "shared",
  "shared-no-hairpin",
  "mixed",
] as const;

export type LabProfile = (typeof labProfiles)[number];

/** What one worker can stand behind; `mixed` is a round of these. */
export type PlaceProfile = Exclude<LabProfile, "mixed">;

export const placeProfiles: readonly PlaceProfile[] = labProfiles.filter((name) => name !== "mixed");

/** How a SYN that nobody asked for is met: RFC 5382 REQ-4 wants silence, some NATs answer with RST. */
export type Unsolicited = "drop" | "reset";

export interface NatTraits extends NatBehaviour {
  readonly unsolicited: Unsolicited;
  /** Whether all workers of the profile stand behind one NAT, or each behind its own. */
  readonly shared: boolean;
  /** Whether workers behind one NAT reach each other by private address. */
  readonly neighbours: boolean;
}

const independent = "endpoint-independent";
const dependent = "address-and-port-dependent";

/** The traits by profile; null: no NAT, the worker has a public address. */
export const natTraits: Readonly<Record<PlaceProfile, NatTraits | null>> = {
  none: null,
  open: {
    mapping: independent,
    filtering: independent,
    hairpinning: true,
    unsolicited: "drop",
    shared: false,
    neighbours: false,
  },
  restricted: {
    mapping: independent,
    filtering: dependent,
    hairpinning: true,
    unsolicited: "drop",
    shared: false,
    neighbours: false,
  },
  reset: {
    mapping: independent,
    filtering: dependent,
    hairpinning: true,
    unsolicited: "reset",
    shared: false,
    neighbours: false,
  },
  symmetric: {
    mapping: dependent,
    filtering: dependent,
    hairpinning: false,
    unsolicited: "drop",
    shared: false,
    neighbours: false,
  },
  // Private addresses are shut off from each other, so that only hairpinning can make the path.
  shared: {
    mapping: independent,
    filtering: dependent,
    hairpinning: true,
    unsolicited: "drop",
    shared: true,
    neighbours: false,
  },
  "shared-no-hairpin": {
    mapping: independent,
    filtering: dependent,
    hairpinning: false,
    unsolicited: "drop",
    shared: true,
    neighbours: true,
  },
};

/** Throws UNKNOWN_NAT_PROFILE. */
export function labProfile(name: string): LabProfile {
  const found = labProfiles.find((profile) => profile === name);
  if (found !== undefined) return found;
  throw new FnmeshError("UNKNOWN_NAT_PROFILE", `there is no NAT profile "${name}"`, {
    hint: `Choose one of: ${labProfiles.join(", ")}.`,
  });
}

/** Behind what the worker of this rank stands. */
export const placeProfile = (profile: LabProfile, rank: number): PlaceProfile =>
  profile === "mixed" ? placeProfiles[rank % placeProfiles.length]! : profile;

export type ExpectedPath = "direct" | "relay";

/**
 * The path that two workers must get, whichever of them begins.
 *
 * @example
 * expectedPath("symmetric", "restricted", false); // "relay"
 * expectedPath("symmetric", "open", false);       // "direct": the open side's listener can be dialled
 */
export function expectedPath(a: PlaceProfile, b: PlaceProfile, sameNat: boolean): ExpectedPath {
  const [natA, natB] = [natTraits[a], natTraits[b]];
  if (natA === null || natB === null) return "direct";
  if (natA.filtering === independent || natB.filtering === independent) return "direct";
  if (sameNat && natA.neighbours) return "direct";
  if (sameNat && !natA.hairpinning) return "relay";
  // Both filter, so both must dial, each to the endpoint that the orchestrator saw: it has to be the same for all.
  return natA.mapping === independent && natB.mapping === independent ? "direct" : "relay";
}

export interface PairCounts {
  readonly direct: number;
  readonly relay: number;
}

/** How many unordered pairs of a lab get which path. */
export function expectedPairs(profile: LabProfile, workers: number): PairCounts {
  const count = { direct: 0, relay: 0 };
  for (let a = 0; a < workers; a++) {
    for (let b = a + 1; b < workers; b++) {
      const [placeA, placeB] = [placeProfile(profile, a), placeProfile(profile, b)];
      count[expectedPath(placeA, placeB, placeA === placeB && natTraits[placeA]?.shared === true)]++;
    }
  }
  return count;
}
