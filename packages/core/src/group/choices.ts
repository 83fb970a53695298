// Which algorithm an operation takes, by the group's size and the bytes of a value. docs/COLLECTIVES.md explains the
// figures; `npm run bench -- collectives` measures all algorithms. Pure.

export type BroadcastShape = "whole" | "tree" | "binary tree" | "chain";

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
  /**
   * `bytes` of a typed array, which can be cut into blocks; 0 for everything else. `rooted`: as `flat` has it. Where that
   * says yes, what some send to the root others may send elsewhere, so they compare lengths first: see forms.ts.
   */
  reduce(size: number, bytes: number): "rooted" | "tree" | "blocks";
  /** So here; what is `rooted`, or goes by a tree, is broadcast after that. */
  allReduce(size: number, bytes: number): "rooted" | "tree" | "doubling" | "halving" | "blocks";
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

/** To so many, one member sends a small value itself. */
const fewMembers = 16;
/** Above, the root's link is what all wait for, and the rounds of a tree are shorter. */
const leastTreeBytes = 16 * KiB;
const takesTree = (size: number, bytes: number) => size > 4 && size <= fewMembers && bytes > leastTreeBytes;

export const measuredChoices: Choices = {
  inlineBytes: 4 * KiB,
  allGatherInlineBytes: () => 4 * KiB,
  // Rank 0 has the bundles of all members, and each has a part for every other.
  allToAllInlineBytes: (size) => (size <= 32 ? 256 : 4 * KiB),
  segmentBytes: 256 * KiB,
  flat: (size) => size <= fewMembers,
  barrier: (size) => (size <= 32 ? "central" : "dissemination"),
  broadcast(size, bytes) {
    if (bytes <= 128 * KiB || size === 2) return takesTree(size, bytes) ? "tree" : "whole";
    return bytes >= size * 256 * KiB ? "chain" : "binary tree";
  },
  allGather(size, bytes) {
    if (bytes > 256 * KiB) return size <= mostNeighbours ? "direct" : "ring";
    return "bruck";
  },
  reduce(size, bytes) {
    if (bytes > 128 * KiB && size > 2 && size <= mostNeighbours) return "blocks";
    return takesTree(size, bytes) ? "tree" : "rooted";
  },
  allReduce(size, bytes) {
    const most = size <= fewMembers ? 64 * KiB : 16 * KiB;
    if (bytes > most && size > 2) {
      if (size > mostNeighbours) return "halving";
      // Of large blocks it counts that each is sent once; of smaller ones, that messages are few.
      return isPowerOfTwo(size) && bytes < size * 64 * KiB ? "halving" : "blocks";
    }
    if (size > fewMembers) return "doubling";
    return takesTree(size, bytes) ? "tree" : "rooted";
  },
  reduceScatter(size, bytes) {
    if (bytes !== undefined && bytes <= 16 * KiB && size <= fewMembers) return "central";
    return size > mostNeighbours || (bytes ?? 0) <= 4 * MiB ? "halving" : "direct";
  },
  scan(size, bytes) {
    if (bytes > size * 32 * KiB) return "chain";
    return size <= fewMembers && !takesTree(size, bytes) ? "central" : "doubling";
  },
  allToAll: (size) => (size <= fewMembers ? "direct" : size <= 32 ? "central" : "bruck"),
};
