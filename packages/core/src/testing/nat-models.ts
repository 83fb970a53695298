// The NATs of the NAT lab's profiles, as data for the in-memory network.

import type { NatModel } from "./nat-model.ts";

/** RFC 5382, REQ-5: an established connection's mapping must live for 2 hours 4 minutes without traffic. */
const idleMs = 7_440_000;

const independent = { mapping: "endpoint-independent", hairpinning: false, idleMs } as const;

export const natModels = {
  open: { ...independent, filtering: "endpoint-independent", unsolicited: "drop", ports: "preserving" },
  /** As AWS Lambda's. Its ports are random, so that nothing can lean on the port inside. */
  restricted: {
    ...independent,
    filtering: "address-and-port-dependent",
    unsolicited: "drop",
    ports: "random",
  },
  reset: {
    ...independent,
    filtering: "address-and-port-dependent",
    unsolicited: "reset",
    ports: "preserving",
  },
  symmetric: {
    ...independent,
    mapping: "address-and-port-dependent",
    filtering: "address-and-port-dependent",
    unsolicited: "drop",
    ports: "random",
  },
  shared: {
    ...independent,
    filtering: "address-and-port-dependent",
    hairpinning: true,
    unsolicited: "drop",
    ports: "preserving",
  },
  "shared-no-hairpin": {
    ...independent,
    filtering: "address-and-port-dependent",
    unsolicited: "drop",
    ports: "preserving",
  },
} as const satisfies Record<string, NatModel>;

export type NatModelName = keyof typeof natModels;
