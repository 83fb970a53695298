// Workers that do something together: all of a job's, or some of them. The words are MPI's.

import type { Message, PeerStream, SendOptions } from "../peers/peers.ts";
import type { Operation, Widened } from "./operation.ts";

export type { Combine, Element, NumericArray, Operation, OperationName } from "./operation.ts";

export interface RootOptions {
  /** The member that gives or gets. Default: 0. */
  readonly root?: number;
}

export interface GroupReceiveOptions {
  /** Default: from any member. */
  readonly from?: number;
  /** Default: 0. */
  readonly tag?: number;
  readonly signal?: AbortSignal;
}

/**
 * Members have ranks from 0 to size - 1, which are not those that they have in the job.
 *
 * Collectives must be called by all members, in the same order. They do not block each other: several may be under
 * way, beside messages of any kind. Values are anything that can be sent; typed arrays and bytes travel uncopied. What
 * is returned is the caller's own memory; what was given may be changed when the promise has resolved. Parts may
 * differ in size and be empty: `scatter` is also MPI's Scatterv, and so on. All reject as `Peers.send` and
 * `Peers.receive` do, and with INVALID_ARGUMENT. docs/COLLECTIVES.md says which algorithm is taken when.
 *
 * @example
 * const total = await worker.allReduce(lines, "sum");
 * const row = await worker.split(worker.rank % 4);
 * const mean = await row.allReduce(gradient, "sum");
 */
export interface Group {
  readonly rank: number;
  readonly size: number;
  /** The members' ranks in the job, by their rank in this group. */
  readonly members: readonly number[];
  /** Tags are whole numbers; apart from those of every other group. See `Peers.send`. */
  send(to: number, value: unknown, options?: SendOptions): Promise<void>;
  /** See `Peers.receive`. */
  receive<T = unknown>(options?: GroupReceiveOptions): Promise<Message<T>>;
  openStream(to: number, options?: SendOptions): PeerStream;
  readStream(from: number, options?: Omit<GroupReceiveOptions, "from">): AsyncIterable<Uint8Array>;

  /**
   * Groups of those who give the same colour, ordered by key, then by rank. Whoever gives no colour gets no group. One
   * split after the other.
   */
  split(colour: number | string, key?: number): Promise<Group>;
  split(colour: undefined, key?: number): Promise<undefined>;
  split(colour: number | string | undefined, key?: number): Promise<Group | undefined>;

  /** Resolves when all have come to it; in log2(size) rounds. */
  barrier(): Promise<void>;
  /** The root's value, for all. */
  broadcast<T>(value: T | undefined, options?: RootOptions): Promise<T>;
  /** The root's parts, one for each member by rank. Others give nothing. */
  scatter<T>(parts: readonly T[] | undefined, options?: RootOptions): Promise<T>;
  /** All values, by rank, at the root; undefined elsewhere. */
  gather<T>(value: T, options?: RootOptions): Promise<T[] | undefined>;
  /** All values, by rank, for all. */
  allGather<T>(value: T): Promise<T[]>;
  /** All values combined, at the root; undefined elsewhere. Typed arrays element by element. */
  reduce<T>(value: T, operation: Operation<T>, options?: RootOptions): Promise<Widened<T> | undefined>;
  /** All values combined, for all; the same bits for each. */
  allReduce<T>(value: T, operation: Operation<T>): Promise<Widened<T>>;
  /** All members' `parts[rank]` combined, for each rank its own. */
  reduceScatter<T>(parts: readonly T[], operation: Operation<T>): Promise<Widened<T>>;
  /** The values of ranks 0 to this one combined. */
  scan<T>(value: T, operation: Operation<T>): Promise<Widened<T>>;
  /** The values of the ranks before this one combined; undefined for rank 0. */
  exscan<T>(value: T, operation: Operation<T>): Promise<Widened<T> | undefined>;
  /** `parts[r]` goes to rank r; what is returned is by the rank that it is from. */
  allToAll<T>(parts: readonly T[]): Promise<T[]>;
}
