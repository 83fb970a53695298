// Rows to the workers that they belong to: each row goes into a block for its worker, full blocks go at once, and what
// comes is taken in at the same time. A slow taker holds up its senders by their windows, and no memory fills.

import { FnmeshError } from "../errors/errors.ts";
import type { Group } from "../group/group.ts";
import { decodeRows } from "./decode-rows.ts";
import { writeRows } from "./encode-rows.ts";
import { Scale } from "./memory.ts";
import { RowWriter } from "./row-writer.ts";

/** Rows in one block: many enough for columns to pay, few enough to be on the way soon. */
const mostBlockRows = 2048;
/** Of all blocks together, those that wait for rows and those that wait for their receivers. */
const memoryShare = 0.5;

/** How large blocks may be follows from how large rows are. */
const rowsBetweenLooks = 64;

export interface ShuffleOptions {
  readonly group: Group;
  /** The same on all workers, and no other shuffle's. */
  readonly number: number;
  /** Bytes that rows on their way may take, about. */
  readonly budget: number;
  /** Takes rows that belong here, this worker's own too. */
  readonly take: (rows: readonly unknown[]) => void;
}

export interface Shuffle {
  /** Puts a row on its way. */
  send(to: number, row: unknown): void;
  /** Resolves when there is room for more; to be awaited now and then, and always when `isFull`. */
  ready(): Promise<void>;
  readonly isFull: boolean;
  /** Everything is sent, and everything from everybody taken in. */
  finish(): Promise<void>;
  /** Takes in nothing more: for one that will not be finished. May be called twice. */
  close(): void;
}

export function openShuffle({ group, number, budget, take }: ShuffleOptions): Shuffle {
  const { rank, size } = group;
  const streams = Array.from({ length: size }, (_, to) =>
    to === rank ? undefined : group.openStream(to, { tag: number }),
  );
  const blocks: unknown[][] = Array.from({ length: size }, () => []);
  const writes: Promise<void>[] = [];
  const blockBytes = (budget * memoryShare) / size;
  const scale = new Scale();
  const writer = new RowWriter();
  let [blockRows, rowsSent, bytesWaiting] = [mostBlockRows, 0, 0];
  const others = Array.from({ length: size - 1 }, (_, index) => (rank + 1 + index) % size);

  const closings = others.map(() => new AbortController());
  const reading = Promise.all(
    others.map(async (from, index) => {
      const { signal } = closings[index]!;
      for await (const block of group.readStream(from, { tag: number, signal })) {
        signal.throwIfAborted();
        take(decodeRows(block));
      }
    }),
  );
  /** Never resolves: for whoever waits for something else. */
  const failed = new Promise<never>((_, reject) => reading.catch(reject));
  failed.catch(() => {});

  function flush(to: number): void {
    const rows = blocks[to]!;
    if (rows.length === 0) return;
    blocks[to] = [];
    if (to === rank) take(rows);
    else {
      const bytes = new Uint8Array(writeRows(rows, writer));
      bytesWaiting += bytes.length;
      const write = streams[to]!.write(bytes);
      write.catch(() => {});
      writes.push(write);
    }
  }

  async function ready(): Promise<void> {
    if (writes.length === 0) return;
    await Promise.race([Promise.all(writes.splice(0)), failed]);
    bytesWaiting = 0;
  }

  return {
    send(to, row) {
      const rows = blocks[to]!;
      rows.push(row);
      scale.add(row, 0);
      rowsSent += 1;
      if (rowsSent % rowsBetweenLooks === 0) {
        blockRows = Math.min(mostBlockRows, Math.ceil((blockBytes * rowsSent) / (scale.bytes + 1)));
      }
      if (rows.length >= blockRows) flush(to);
    },
    ready,
    get isFull() {
      return bytesWaiting > budget * memoryShare;
    },
    async finish() {
      for (const to of [...others, rank]) flush(to);
      await ready();
      await Promise.all(streams.map((stream) => stream?.end()));
      await reading;
    },
    close() {
      const reason = new FnmeshError("CLOSED", "a shuffle whose action is over");
      for (const closing of closings) closing.abort(reason);
    },
  };
}
