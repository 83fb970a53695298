// What a worker pulls: the job's code and its input splits, in chunks, at the pace at which it reads them.

import { type ErrorRecord, FnmeshError } from "@fnmesh/core";
import { toFnmeshError } from "@fnmesh/core/internal";
import { type Blob, blobChunkBytes, type MessageBody, type WorkerMessage } from "@fnmesh/core/protocol";
import type { InputPart } from "./job.ts";
import type { JobCode } from "./job-code.ts";

/** Requests of one worker that wait for those before them. */
const mostRequests = 256;

export interface SuppliesOptions {
  /** The job's module, and those that go with it. */
  readonly code: readonly JobCode[];
  readonly parts: readonly InputPart[];
  /** Rejects with CLOSED when the worker has gone. */
  readonly send: (blob: Blob) => Promise<void>;
  /** The input cannot be read: the job fails. */
  readonly onTrouble: (error: ErrorRecord) => void;
}

type CodeRequest = MessageBody<WorkerMessage, "code">;
type InputRequest = MessageBody<WorkerMessage, "input">;

export class Supplies {
  readonly #options: SuppliesOptions;
  #waiting = 0;
  #last: Promise<void> = Promise.resolve();

  constructor(options: SuppliesOptions) {
    this.#options = options;
  }

  /** Answers after what was asked before. Throws PROTOCOL for a request that cannot be answered. */
  request(message: CodeRequest | InputRequest): void {
    const { code, parts, onTrouble } = this.#options;
    if (this.#waiting >= mostRequests) throw new FnmeshError("PROTOCOL", "too many requests at a time");
    if (message.type === "code" && !code.some(({ hash }) => hash === message.hash)) {
      throw new FnmeshError("PROTOCOL", "a request for code that is not this job's");
    }
    if (message.type === "input" && parts[message.split] === undefined) {
      throw new FnmeshError("PROTOCOL", `a request for split ${message.split} of ${parts.length}`);
    }
    this.#waiting += 1;
    this.#last = this.#last
      .then(() => (message.type === "code" ? this.#sendCode(message) : this.#sendInput(message)))
      .catch((thrown: unknown) => {
        const error = toFnmeshError(thrown, "INPUT_UNREADABLE");
        // A worker that has gone needs nothing, and its going has its own news.
        if (error.code !== "CLOSED") onTrouble(error.toRecord());
      })
      .finally(() => {
        this.#waiting -= 1;
      });
  }

  async #sendCode({ hash }: CodeRequest): Promise<void> {
    const { bytes } = this.#options.code.find((each) => each.hash === hash)!;
    for (let offset = 0; offset === 0 || offset < bytes.length; offset += blobChunkBytes) {
      const chunk = bytes.subarray(offset, offset + blobChunkBytes);
      const last = offset + chunk.length === bytes.length;
      await this.#options.send({ kind: "code", id: 0, offset, last, bytes: chunk });
    }
  }

  async #sendInput({ split, offset, length }: InputRequest): Promise<void> {
    const part = this.#options.parts[split]!;
    const end = Math.max(offset, Math.min(offset + length, part.bytes));
    let at = offset;
    do {
      const wanted = Math.min(blobChunkBytes, end - at);
      const bytes = wanted === 0 ? new Uint8Array(0) : await readExactly(part, at, wanted);
      await this.#options.send({ kind: "input", id: split, offset: at, last: at + wanted === end, bytes });
      at += wanted;
    } while (at < end);
  }
}

async function readExactly(part: InputPart, offset: number, length: number): Promise<Uint8Array> {
  try {
    const bytes = await part.read(offset, length);
    if (bytes.length === length) return bytes;
    throw new Error(`it ended at byte ${offset + bytes.length} of ${part.bytes}`);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FnmeshError("INPUT_UNREADABLE", `the input ${part.name} cannot be read: ${detail}`, {
      cause,
      hint: "Was it changed or removed while the job ran? Run again when it stays as it is.",
    });
  }
}
