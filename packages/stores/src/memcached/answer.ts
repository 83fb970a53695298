// Memcached's answers (the classic text protocol, which every server speaks): a line, lines up to END, or a value.

import type { ValueTarget } from "../wire/line-reader.ts";

export interface Answer {
  /** The last line: STORED, DELETED, END, or an error. */
  readonly line: string;
  /** Whether a value was there. */
  readonly found: boolean;
}

export interface Question {
  readonly parts: readonly Uint8Array[];
  /** Where a value goes. Absent: there is none. */
  readonly value?: (length: number) => ValueTarget;
  /** Each line of an answer of many, but its last one. Absent: the answer is one line. */
  readonly onLine?: (line: string) => void;
}

/** `VALUE name flags length` */
export function valueLength(line: string): number | undefined {
  const found = /^VALUE \S+ \d+ (\d+)/.exec(line);
  return found === null ? undefined : Number(found[1]);
}

export const isError = (line: string): boolean => /^(ERROR|CLIENT_ERROR|SERVER_ERROR|BUSY)\b/.test(line);

/** "out of memory storing object", "Out of memory during read", "object too large for cache" */
export const hasNoMemory = (line: string): boolean =>
  /^SERVER_ERROR (out of memory|object too large)/i.test(line);

/** A part of a value; the rest of it is not kept. */
export class ValueRange implements ValueTarget {
  readonly #into: Uint8Array;
  #skip: number;
  /** Bytes of the part that are here. */
  filledBytes = 0;

  constructor(offset: number, into: Uint8Array) {
    this.#skip = offset;
    this.#into = into;
  }

  room(): Uint8Array | undefined {
    return this.#skip > 0 || this.filledBytes === this.#into.length
      ? undefined
      : this.#into.subarray(this.filledBytes);
  }

  filled(count: number): void {
    this.filledBytes += count;
  }

  push(bytes: Uint8Array): void {
    const skipped = Math.min(this.#skip, bytes.length);
    this.#skip -= skipped;
    const count = Math.min(bytes.length - skipped, this.#into.length - this.filledBytes);
    this.#into.set(bytes.subarray(skipped, skipped + count), this.filledBytes);
    this.filledBytes += count;
  }

  end(): void {}
}
