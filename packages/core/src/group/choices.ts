// Which algorithm an operation takes, by the group's size and the bytes of a value. The figures are measured by
// `npm run bench -- collectives`, which prints this table anew; docs/COLLECTIVES.md explains it. Pure.

export type BroadcastShape = "flat" | "tree" | "segmented tree" | "chain";

export interface Choices {
  /** Up to so many bytes a value may travel in a bundle with others. */
  readonly inlineBytes: number;
  /** A large value is passed on in segments of so many bytes. */
  readonly segmentBytes: number;
  /** Whether the root speaks with every member itself. */
  flat(size: number): boolean;
  broadcast(size: number, bytes: number): BroadcastShape;
  /** Of values too large for a bundle: from each to all, or round a ring. */
  allGather(size: number): "direct" | "ring";
  /** `bytes` of a typed array, which can be cut into blocks; 0 for everything else. */
  reduce(size: number, bytes: number): "tree" | "blocks";
  allReduce(size: number, bytes: number): "central" | "doubling" | "blocks";
  /** `bytes` of all typed arrays together; `undefined` for everything else. */
  reduceScatter(size: number, bytes: number | undefined): "central" | "direct";
  scan(size: number, bytes: number): "doubling" | "chain";
  allToAll(size: number): "bruck" | "direct";
}

const KiB = 1024;

export const measuredChoices: Choices = {
  inlineBytes: 4 * KiB,
  segmentBytes: 128 * KiB,
  flat: (size) => size <= 16,
  broadcast(size, bytes) {
    if (bytes <= 32 * KiB) return size <= 8 ? "flat" : "tree";
    // A chain fills in size - 1 segments and sends each byte once a member; a tree fills sooner and sends it more often.
    return bytes >= 2 * size * measuredChoices.segmentBytes || size <= 16 ? "chain" : "segmented tree";
  },
  allGather: (size) => (size <= 32 ? "direct" : "ring"),
  reduce: (size, bytes) => (bytes >= 256 * KiB && size > 2 ? "blocks" : "tree"),
  allReduce(size, bytes) {
    if (bytes >= 16 * KiB && size > 2) return "blocks";
    return size <= 16 ? "central" : "doubling";
  },
  reduceScatter: (_size, bytes) => (bytes !== undefined && bytes <= 16 * KiB ? "central" : "direct"),
  scan: (_size, bytes) => (bytes >= 64 * KiB ? "chain" : "doubling"),
  allToAll: (size) => (size <= 8 ? "direct" : "bruck"),
};
