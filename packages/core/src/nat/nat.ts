// How a NAT behaves, in the words of RFC 4787 (section 4.1 mapping, section 5 filtering).

/** Whether one internal endpoint keeps its external endpoint for all destinations. */
export type Mapping = "endpoint-independent" | "address-dependent" | "address-and-port-dependent";

/** From whom a NAT lets packets in to a mapped endpoint. */
export type Filtering = "endpoint-independent" | "address-dependent" | "address-and-port-dependent";

/** What a probe can say of a mapping; one observation more is needed for anything but `unknown`. */
export type MappingGuess = Mapping | "none" | "unknown";

export interface NatBehaviour {
  readonly mapping: Mapping;
  readonly filtering: Filtering;
  readonly hairpinning: boolean;
}
