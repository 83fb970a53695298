// Which algorithm an operation takes, by the group's size and the bytes of a value. docs/COLLECTIVES.md explains the
// figures; `npm run bench -- collectives` measures all algorithms. Pure.

export type BroadcastShape = "whole" | "binary tree" | "chain";

export interface Choices {
  /** Up to so many bytes a value may travel in a bundle with others, as `gather` and `scatter` by a tree have it. */
  readonly inlineBytes: number;
  /** And so in the bundle of an `allGather`, and of an `allToAll`. */
  allGatherInlineBytes(size: number): number;
  allToAllInlineBytes(size: number): number;
  /** A large value is passed on in segments of so many bytes. */
  readonly segmentBytes: number;
  /** Whether rank 0, or the root, speaks with every member itself, or by a binomial tree. */
  flat(size: number): boolean;
  barrier(size: number): "central" | "dissemination";
  broadcast(size: number, bytes: number): BroadcastShape;
  /** Of values too large for a bundle, of which the largest has so many bytes. */
  allGather(size: number, bytes: number): "direct" | "bruck" | "ring";
  /** `bytes` of a typed array, which can be cut into blocks; 0 for everything else. */
  reduce(size: number, bytes: number): "tree" | "blocks";
  /** So here. To send whole arrays, or pieces, there is one way each for a size: see forms.ts. */
  allReduce(size: number, bytes: number): "central" | "doubling" | "halving" | "blocks";
  /** `bytes` of all typed arrays together; `undefined` for everything else. */
  reduceScatter(size: number, bytes: number | undefined): "central" | "halving" | "direct";
  /** `bytes` as for `reduce`. */
  scan(size: number, bytes: number): "central" | "doubling" | "chain";
  allToAll(size: number): "central" | "bruck" | "direct";
}

const KiB = 1024;
const MiB = 1024 * KiB;

const isPowerOfTwo = (size: number): boolean => (size & (size - 1)) === 0;
/** Up to here everybody may well speak with everybody; beyond, a connection to each costs more than it saves. */
const mostNeighbours = 64;

export const measuredChoices: Choices = {
  inlineBytes: 4 * KiB,
  // Through rank 0 once, and out again to everybody; beyond 16 members by log2(size) others.
  allGatherInlineBytes: (size) => (size <= 16 ? 64 * KiB : 4 * KiB),
  // Rank 0 has the bundles of all members, and each has a part for every other.
  allToAllInlineBytes: (size) => (size <= 32 ? 256 : 4 * KiB),
  segmentBytes: 256 * KiB,
  flat: (size) => size <= 16,
  barrier: (size) => (size <= 32 ? "central" : "dissemination"),
  broadcast(size, bytes) {
    if (bytes <= 128 * KiB || size === 2) return "whole";
    return bytes >= size * 512 * KiB ? "chain" : "binary tree";
  },
  allGather(size, bytes) {
    if (bytes > 256 * KiB) return size <= mostNeighbours ? "direct" : "ring";
    return "bruck";
  },
  reduce: (size, bytes) => (bytes > 128 * KiB && size > 2 && size <= mostNeighbours ? "blocks" : "tree"),
  allReduce(size, bytes) {
    const most = size <= 16 ? 64 * KiB : 16 * KiB;
    if (bytes > most && size > 2) {
      return isPowerOfTwo(size) || size > mostNeighbours ? "halving" : "blocks";
    }
    return size <= 16 ? "central" : "doubling";
  },
  reduceScatter(size, bytes) {
    if (bytes !== undefined && bytes <= 16 * KiB && size <= 16) return "central";
    return size > mostNeighbours || (bytes ?? 0) <= 4 * MiB ? "halving" : "direct";
  },
  scan(size, bytes) {
    if (bytes > size * 32 * KiB) return "chain";
    return size <= 16 ? "central" : "doubling";
  },
  allToAll: (size) => (size <= 4 ? "direct" : size <= 32 ? "central" : "bruck"),
};
