// Which address and port belongs to whom in a lab: pure arithmetic. Public addresses come from 198.18.0.0/15 (RFC 2544,
// benchmarking) and 192.0.2.0/24 (RFC 5737, documentation), private ones from 10.0.0.0/8: none of them is in real use.

/** Two addresses of the lab's "internet": the orchestrator's, and one more to observe NATs from. */
export const internetHosts = ["192.0.2.1", "192.0.2.2"] as const;

export const privateNetwork = "10.0.0.0/8";

/** The next hop of every default route. A permanent neighbour entry resolves it, so nobody needs to own it. */
export const nextHop = "169.254.1.1";

const inBlock = (first: string, n: number) => `${first}.${n >> 8}.${n & 255}`;

export const natAddress = (nat: number) => inBlock("198.18", nat + 1);
export const publicAddress = (rank: number) => inBlock("198.19", rank + 1);
export const privateAddress = (rank: number) => inBlock("10.0", rank + 1);

/** A locally administered MAC address for one end of a link. */
export function macAddress(link: number, end: 0 | 1): string {
  const hex = (n: number) => n.toString(16).padStart(2, "0");
  return `02:00:00:0${end}:${hex(link >> 8)}:${hex(link & 255)}`;
}

/** Ports, both ends inclusive. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** What Linux uses for outgoing connections unless told otherwise. */
export const usualPorts: PortRange = { first: 32_768, last: 60_999 };

/** Largest power of two of ports a worker can have for itself when this many share a public address. */
function blockSize(workers: number): number {
  const most = 32_768 / Math.max(workers, 8);
  return 2 ** Math.floor(Math.log2(most));
}

/** A worker's own ports behind a shared NAT: disjoint from its neighbours', so that a port alone says whose it is. */
export function ownPorts(index: number, workers: number): PortRange {
  const size = blockSize(workers);
  const first = 32_768 + index * size;
  return { first, last: first + size - 1 };
}
