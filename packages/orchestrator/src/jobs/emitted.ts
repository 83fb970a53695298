// What workers have emitted: kept for the report, within bounds.

import type { ErrorRecord } from "@fnmesh/core";
import type { Emitted } from "./job.ts";

/** A report is one document, and is kept in memory. */
export const mostEmittedBytes = 16 * 1024 * 1024;

export const tooMuchEmitted: ErrorRecord = {
  code: "LIMIT",
  message: `the job's workers have emitted more than ${mostEmittedBytes} bytes`,
  hint: "Emit what a person wants to see at once, and write the rest with output.write.",
};

export class EmittedValues {
  readonly #values: Emitted[] = [];
  #bytes = 0;

  /** In the order in which they came. */
  get values(): readonly Emitted[] {
    return this.#values;
  }

  /** False: there is no room for it. */
  add(rank: number, value: unknown): boolean {
    this.#bytes += JSON.stringify(value).length;
    if (this.#bytes > mostEmittedBytes) return false;
    this.#values.push({ rank, value });
    return true;
  }
}
