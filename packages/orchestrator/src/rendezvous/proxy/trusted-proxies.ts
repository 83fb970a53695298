// Whose word is taken for where a connection comes from: the addresses of the balancers.

import { BlockList, isIPv4, isIPv6 } from "node:net";
import { FnmeshError } from "@fnmesh/core";
import { normaliseAddress } from "../address.ts";

export type TrustedProxies = (address: string) => boolean;

const mostBits = { ipv4: 32, ipv6: 128 } as const;

/**
 * Whether an address is in one of the networks (`10.0.0.0/16`, `2001:db8::/56`, or one address). Throws INVALID_ARGUMENT
 * for what is no network, and for a network of everybody: whoever connects could then claim to be anywhere.
 *
 * @example
 * trustedProxies(["10.0.0.0/16"])("10.0.3.4"); // true
 */
export function trustedProxies(networks: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", bits, ...rest] = network.split("/");
    const family = isIPv4(address) ? "ipv4" : isIPv6(address) && !address.includes("%") ? "ipv6" : undefined;
    if (family === undefined || rest.length > 0) throw notANetwork(network);
    const prefix = bits === undefined ? mostBits[family] : Number(/^\d{1,3}$/.test(bits) ? bits : "0");
    if (prefix < 1 || prefix > mostBits[family]) throw notANetwork(network);
    list.addSubnet(address, prefix, family);
  }
  return (address) => {
    const plain = normaliseAddress(address).split("%")[0]!;
    return list.check(plain, isIPv4(plain) ? "ipv4" : "ipv6");
  };
}

const notANetwork = (network: string) =>
  new FnmeshError("INVALID_ARGUMENT", `"${network}" is not a network of proxies`, {
    hint: "Give the balancer's own network, such as 10.0.0.0/16: nobody else's word is taken for where workers are.",
  });
