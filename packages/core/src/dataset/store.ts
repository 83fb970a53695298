// Rows that are read again, or later: in memory, as encoded blocks, while they fit, then on disk.

import { decodeRows } from "./decode-rows.ts";
import { writeRows } from "./encode-rows.ts";
import { RowWriter } from "./row-writer.ts";
import { type BlockPlace, SpillFile } from "./spill.ts";

type Block = Uint8Array | BlockPlace;

export class RowStore {
  readonly #budget: number;
  readonly #blocks: Block[] = [];
  readonly #file = new SpillFile();
  readonly #writer = new RowWriter();
  #inMemory = 0;
  #bytes = 0;
  #count = 0;

  constructor(budget: number) {
    this.#budget = budget;
  }

  /** Encoded. */
  get bytes(): number {
    return this.#bytes;
  }

  get count(): number {
    return this.#count;
  }

  add(batch: readonly unknown[]): void {
    if (batch.length === 0) return;
    this.#count += batch.length;
    if (this.#inMemory >= this.#budget) {
      const place = this.#file.write(batch);
      this.#bytes += place.bytes;
      this.#blocks.push(place);
      return;
    }
    this.#put(new Uint8Array(writeRows(batch, this.#writer)));
  }

  /** Rows that are encoded already, which `count` leaves out. */
  addEncoded(bytes: Uint8Array): void {
    this.#put(bytes);
  }

  get memoryBytes(): number {
    return this.#inMemory;
  }

  toDisk(): void {
    for (const [index, block] of this.#blocks.entries()) {
      if (block instanceof Uint8Array) this.#blocks[index] = this.#file.writeEncoded(block);
    }
    this.#inMemory = 0;
  }

  *batches(): Generator<unknown[]> {
    for (const block of this.#blocks) {
      yield block instanceof Uint8Array ? decodeRows(block) : this.#file.read(block);
    }
  }

  /** May be called twice. */
  close(): void {
    this.#blocks.length = 0;
    this.#inMemory = 0;
    this.#file.close();
  }

  #put(bytes: Uint8Array): void {
    this.#inMemory += bytes.length;
    this.#bytes += bytes.length;
    this.#blocks.push(bytes);
  }
}
