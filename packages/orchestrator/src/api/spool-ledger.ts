// What the spool holds and how much that is: which entries are in use, and which make room when a new one needs it.
// Pure: the spool deletes what `charge` names.

import { HttpError } from "./http-error.ts";

interface Entry {
  bytes: number;
  /** Users at this moment: never evicted while there is one. */
  pins: number;
}

export class SpoolLedger {
  readonly #mostBytes: number;
  /** From the least to the most recently used. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  bytesOf(key: string): number {
    return this.#entries.get(key)?.bytes ?? 0;
  }

  /** A new entry, pinned once. */
  add(key: string): void {
    if (this.#entries.has(key)) throw new Error(`the spool has ${key} already`);
    this.#entries.set(key, { bytes: 0, pins: 1 });
  }

  /** Gives an entry `bytes` more. Returns the keys evicted for it; throws SPOOL_FULL, changing nothing, when none can be. */
  charge(key: string, bytes: number): readonly string[] {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`the spool has no ${key}`);
    const evicted = this.#victims(this.#bytes + bytes - this.#mostBytes);
    for (const victim of evicted) this.remove(victim);
    entry.bytes += bytes;
    this.#bytes += bytes;
    return evicted;
  }

  pin(key: string): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`the spool has no ${key}`);
    entry.pins += 1;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  unpin(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.pins -= 1;
  }

  remove(key: string): void {
    this.#bytes -= this.bytesOf(key);
    this.#entries.delete(key);
  }

  #victims(excess: number): readonly string[] {
    const victims: string[] = [];
    let freed = 0;
    for (const [key, entry] of this.#entries) {
      if (freed >= excess) break;
      if (entry.pins > 0) continue;
      victims.push(key);
      freed += entry.bytes;
    }
    if (freed >= excess) return victims;
    throw new HttpError("SPOOL_FULL", `the spool's ${this.#mostBytes} bytes are in use`, {
      hint: "Wait for running jobs to end, or give the orchestrator a larger spool.",
    });
  }
}
