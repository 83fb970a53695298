// The way of a job's output: open while the job runs, and shut before the output is committed or thrown away, so that
// nothing is written afterwards.

import type { ErrorRecord } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import type { OutputSink } from "./job.ts";

const hint = "Is there space, and may this user write there?";

export class OutputGate {
  readonly #sink: OutputSink | undefined;
  readonly #onTrouble: (error: ErrorRecord) => void;
  readonly #writing = new Set<Promise<void>>();
  #open = true;

  /** Without a sink, output is dropped. `onTrouble` is told of writes that failed. */
  constructor(sink: OutputSink | undefined, onTrouble: (error: ErrorRecord) => void) {
    this.#sink = sink;
    this.#onTrouble = onTrouble;
  }

  /** Resolves when the bytes are taken. Never rejects. */
  async write(rank: number, bytes: Uint8Array): Promise<void> {
    if (!this.#open || this.#sink === undefined) return;
    const written = this.#pass(this.#sink, rank, bytes);
    this.#writing.add(written);
    await written;
    this.#writing.delete(written);
  }

  async #pass(sink: OutputSink, rank: number, bytes: Uint8Array): Promise<void> {
    try {
      await sink.write(rank, bytes);
    } catch (thrown) {
      this.#onTrouble(record(thrown));
    }
  }

  /** Undefined, or why the output could not be made visible. Never rejects. */
  async commit(): Promise<ErrorRecord | undefined> {
    await this.#shut();
    try {
      await this.#sink?.commit();
      return undefined;
    } catch (thrown) {
      return record(thrown);
    }
  }

  /** Undefined, or why something may have stayed behind. Never rejects. */
  async discard(): Promise<ErrorRecord | undefined> {
    await this.#shut();
    try {
      await this.#sink?.discard();
      return undefined;
    } catch (thrown) {
      return record(thrown);
    }
  }

  async #shut(): Promise<void> {
    this.#open = false;
    await Promise.all(this.#writing);
  }
}

const record = (thrown: unknown): ErrorRecord =>
  toFnmeshError(thrown, "OUTPUT_UNWRITABLE", { hint }).toRecord();
