// Reads this worker's inbox over a connection of its own, on which it waits inside Redis: an entry is here one trip
// after it was written, and nobody polls.

import type { FnmeshError } from "@fnmesh/core";
import type { StoreUsage, Timer } from "@fnmesh/core/internal";
import type { Connection } from "../wire/connection.ts";
import type { Inbox } from "./inbox.ts";
import { type Lasting, type LastingOptions, lasting } from "./lasting.ts";
import { lostData } from "./redis-errors.ts";
import { encodeCommand, type Reply, RespError } from "./resp.ts";

export interface InboxReaderOptions extends LastingOptions {
  readonly key: string;
  readonly inbox: Inbox;
  readonly usage: StoreUsage;
  readonly onReady: () => void;
  /** The end, called once. */
  readonly onFailed: (error: FnmeshError) => void;
}

/** Redis answers at least so often, that nothing came: so a dead connection is found, and keys that were lost. */
const blockMs = 5_000;
/** Without any answer for so long the connection is given up. Large answers over slow links take their time. */
const mostSilenceMs = 60_000;
/** What one answer should hold at most; Redis makes all of it before it sends any. */
const answerBytes = 4 * 1024 * 1024;
const entriesAtOnce = { least: 4, most: 128 };
/** Entries that were read stay in Redis until there are so many of them: trimming costs a command. */
const untrimmed = { bytes: 64 * 1024, entries: 64 };

type Question = "trim" | "exists" | "read";

/** What an answer to XREAD holds beside the key: for each entry its id, the field's name, the value. */
const valuesOfEntry = 3;

export class InboxReader {
  readonly #options: InboxReaderOptions;
  readonly #lasting: Lasting;
  #connection: Connection | undefined;
  /** Asked and not answered, oldest first. */
  #asked: Question[] = [];
  /** Of the answer that is being read: values that have begun, entries that are whole. */
  #values = 0;
  #entries = 0;
  #bytes = 0;
  /** The last entry that was taken in, and the one that is being read. */
  #last = "0-0";
  #reading = "0-0";
  #toTrim = { bytes: 0, entries: 0 };
  #count: number = entriesAtOnce.least;
  #ready = false;
  #silence: Timer | undefined;

  constructor(options: InboxReaderOptions) {
    this.#options = options;
    this.#lasting = lasting(options, {
      onConnected: (connection) => this.#connected(connection),
      onReply: (reply) => this.#answered(reply),
      onBulk: (length, before) => this.#value(length, before),
      onLost: () => this.#lost(),
      onFailed: (error) => {
        this.#lost();
        options.onFailed(error);
      },
    });
  }

  /** May be called twice. */
  destroy(): void {
    this.#lasting.close();
    this.#lost();
  }

  #connected(connection: Connection): void {
    this.#connection = connection;
    this.#ask(false);
    if (this.#ready) return;
    this.#ready = true;
    this.#options.onReady();
  }

  #lost(): void {
    this.#connection = undefined;
    this.#silence?.cancel();
    this.#asked = [];
    this.#values = 0;
    this.#entries = 0;
    this.#bytes = 0;
    this.#options.inbox.cut();
  }

  /** `look`: nothing came for a while; is the inbox still there? */
  #ask(look: boolean): void {
    const { key, marker, usage } = this.#options;
    const parts: Uint8Array[] = [];
    const add = (question: Question, words: readonly (string | number)[]) => {
      this.#asked.push(question);
      parts.push(...encodeCommand(words));
    };
    if (this.#toTrim.bytes >= untrimmed.bytes || this.#toTrim.entries >= untrimmed.entries) {
      this.#toTrim = { bytes: 0, entries: 0 };
      add("trim", ["XTRIM", key, "MINID", after(this.#last)]);
    }
    if (look) add("exists", ["EXISTS", key, marker]);
    add("read", ["XREAD", "COUNT", this.#count, "BLOCK", blockMs, "STREAMS", key, this.#last]);
    usage.commands += this.#asked.length;
    this.#connection?.write(parts);
    this.#silence?.cancel();
    this.#silence = this.#options.env.clock.setTimer(mostSilenceMs, () => this.#silent());
  }

  #silent(): void {
    this.#lasting.renew(`it did not answer for ${mostSilenceMs / 1000} s`);
  }

  #value(length: number, before: Buffer | undefined): Inbox | undefined {
    if (this.#asked[0] !== "read") return undefined;
    const kind = (this.#values - 1) % valuesOfEntry;
    this.#values += 1;
    if (kind === 1) this.#reading = before!.toString("latin1");
    if (kind !== 2) return undefined;
    this.#bytes += length;
    this.#options.usage.readBytes += length;
    this.#entries += 1;
    return this.#options.inbox.begin(length);
  }

  #answered(reply: Reply): void {
    const question = this.#asked.shift();
    if (reply instanceof RespError) {
      this.#lasting.refused(reply);
      return;
    }
    this.#lasting.progressed();
    if (question === "exists" && reply !== 2) {
      this.#lasting.close();
      this.#lost();
      const { address, onFailed } = this.#options;
      onFailed(lostData(address.shown, "what this job has written"));
      return;
    }
    if (question === "read") this.#read(reply === null);
  }

  /** All of an answer is here; one without entries says that nothing came. */
  #read(nothingCame: boolean): void {
    // A break inside the answer brings its first entries again; the inbox knows them by their numbers.
    if (this.#entries > 0) {
      this.#last = this.#reading;
      const fitting = Math.floor((answerBytes * this.#entries) / Math.max(1, this.#bytes));
      this.#count = Math.min(Math.max(fitting, entriesAtOnce.least), entriesAtOnce.most);
    }
    this.#toTrim.bytes += this.#bytes;
    this.#toTrim.entries += this.#entries;
    this.#values = 0;
    this.#entries = 0;
    this.#bytes = 0;
    this.#ask(nothingCame);
  }
}

/** The least id that is greater: Redis's ids are `milliseconds-number`. */
function after(id: string): string {
  const dash = id.indexOf("-");
  return `${id.slice(0, dash)}-${BigInt(id.slice(dash + 1)) + 1n}`;
}
