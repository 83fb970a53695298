// What all parts of a running plan share: where it runs, how much it may keep, and rows in batches.

import { setImmediate } from "node:timers/promises";
import type { Group } from "../group/group.ts";
import { Garbage } from "./garbage.ts";
import type { Keep } from "./keep.ts";
import { Scale } from "./memory.ts";
import type { Batch, PlanPlace } from "./plan.ts";

/** What the operations of one action share. */
export interface Execution {
  readonly place: PlanPlace;
  readonly group: Group;
  /** Bytes that a table or a sorter may take before it goes to disk. */
  readonly budget: number;
  /** A number that no shuffle of this worker has had. */
  nextShuffle(): number;
  /** Is closed when the action is over, however it ends. */
  readonly held: Keep;
  /** Is closed when the job's part of this worker is over. */
  readonly kept: Keep;
}

/**
 * Makes rows ready to be read. What needs the other workers happens now, and in the plan's order, so on all of them
 * alike; to read the rows, or some, or none, is each worker's own affair. Called once.
 */
export type Open = () => Promise<AsyncIterable<Batch>>;

/** Of the budget: what all that waits for its turn to be read may keep in memory. */
const waitingShare = 0.5;

/** To be called before something else is opened, while nothing is being read. */
export const makeRoom = ({ held, budget }: Execution): void => held.makeRoom(budget * waitingShare);

/** Few enough that what is made of a batch dies young; many enough that waiting for each costs nothing. */
const mostBatchRows = 256;
/** A group may be as large as a thousand other rows. */
const mostBatchBytes = 128 * 1024;

export async function* rowsOf(batches: AsyncIterable<Batch>): AsyncGenerator<unknown> {
  for await (const batch of batches) yield* batch;
}

export async function* inBatches(rows: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Batch> {
  const filled = new FilledBatch();
  for await (const row of rows) if (filled.add(row)) yield filled.take();
  if (!filled.isEmpty) yield filled.take();
}

/** Sockets and timers, and memory outside of the heap, which Node frees between two turns, wait no longer. */
const mostMsBetweenTurns = 20;

/** The same for what need not be waited for: without a turn of the microtask queue for each row. */
export async function* syncInBatches(rows: Iterable<unknown>): AsyncGenerator<Batch> {
  const filled = new FilledBatch();
  const garbage = new Garbage();
  let turned = performance.now();
  for (const row of rows) {
    if (!filled.add(row)) continue;
    const large = filled.isLarge;
    yield filled.take();
    if (large) garbage.clear();
    if (performance.now() - turned < mostMsBetweenTurns) continue;
    await setImmediate();
    turned = performance.now();
  }
  if (!filled.isEmpty) yield filled.take();
}

class FilledBatch {
  readonly #scale = new Scale();
  #rows: unknown[] = [];

  get isEmpty(): boolean {
    return this.#rows.length === 0;
  }

  get isLarge(): boolean {
    return this.#scale.bytes > 2 * mostBatchBytes;
  }

  /** Whether the batch is full. */
  add(row: unknown): boolean {
    this.#rows.push(row);
    this.#scale.add(row, 0);
    return this.#rows.length >= mostBatchRows || this.#scale.bytes >= mostBatchBytes;
  }

  take(): Batch {
    const rows = this.#rows;
    this.#rows = [];
    this.#scale.reset();
    return rows;
  }
}
