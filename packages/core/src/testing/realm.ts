// A realm of addresses (RFC 2663): the internet, or the inside of a NAT. An address means something only within one.

import type { Link } from "./link.ts";
import type { NatDevice } from "./nat-device.ts";
import type { VirtualHost } from "./virtual-host.ts";

export type Node =
  | { readonly kind: "host"; readonly host: VirtualHost; readonly link: Link }
  | { readonly kind: "nat"; readonly nat: NatDevice; readonly link: Link };

export interface Realm {
  readonly name: string;
  readonly nodes: Map<string, Node>;
  /** The way out for addresses that are not in this realm. */
  gateway?: NatDevice;
}
