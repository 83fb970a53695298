// The NAT lab in memory: an orchestrator's host on the internet, and workers' hosts behind the NATs of a profile.

import type { LinkOptions } from "./link.ts";
import type { NatDevice } from "./nat-device.ts";
import { natModels } from "./nat-models.ts";
import type { VirtualClock } from "./virtual-clock.ts";
import type { VirtualHost } from "./virtual-host.ts";
import { createVirtualNetwork, type VirtualNetwork } from "./virtual-network.ts";

export const virtualProfiles = [
  "none",
  "open",
  "restricted",
  "reset",
  "symmetric",
  "shared",
  "shared-no-hairpin",
] as const;

export type VirtualProfile = (typeof virtualProfiles)[number];

export interface VirtualLabOptions {
  readonly clock: VirtualClock;
  readonly seed: number | string;
  /** Each worker's profile, by rank. Workers of one `shared` profile are behind one NAT. */
  readonly workers: readonly VirtualProfile[];
  /** The workers' links. */
  readonly link?: LinkOptions;
  readonly traced?: boolean;
}

export interface VirtualLab {
  readonly network: VirtualNetwork;
  readonly orchestrator: VirtualHost;
  /** By rank. */
  readonly workers: readonly VirtualHost[];
  /** By rank: the NAT that the worker is behind. */
  readonly nats: readonly (NatDevice | undefined)[];
}

/** RFC 5737 and RFC 6598 set these addresses apart for documentation and for carriers' own use. */
const orchestratorAddress = "192.0.2.1";
const publicAddress = (index: number): string => `203.0.${113 + (index >> 8)}.${index & 0xff}`;
const privateAddress = (index: number): string => `10.0.${index >> 8}.${index & 0xff}`;

const isShared = (profile: VirtualProfile): boolean => profile.startsWith("shared");

export function createVirtualLab(options: VirtualLabOptions): VirtualLab {
  const { clock, seed, link = {}, traced = false } = options;
  const network = createVirtualNetwork({ seed, clock, traced });
  const orchestrator = network.host({ name: "orchestrator", address: orchestratorAddress });
  const shared = new Map<VirtualProfile, NatDevice>();
  const natFor = (profile: Exclude<VirtualProfile, "none">, rank: number): NatDevice => {
    const known = shared.get(profile);
    if (known !== undefined) return known;
    const nat = network.nat({ publicAddress: publicAddress(rank + 1), behaviour: natModels[profile] });
    if (isShared(profile)) shared.set(profile, nat);
    return nat;
  };
  const nats = options.workers.map((profile, rank) =>
    profile === "none" ? undefined : natFor(profile, rank),
  );
  const workers = nats.map((nat, rank) => {
    const name = `worker ${rank}`;
    return nat === undefined
      ? network.host({ ...link, name, address: publicAddress(rank + 1) })
      : network.host({ ...link, name, address: privateAddress(rank + 2), behind: nat });
  });
  return { network, orchestrator, workers, nats };
}
