// A pipelined connection to Memcached: questions go out without waiting, answers come in order. One that breaks fails
// what is under way, in passing; the next question makes another one.

import { FnmeshError } from "@fnmesh/core";
import type { Clock, StoreUsage, Timer } from "@fnmesh/core/internal";
import { PassingFailure } from "../retry.ts";
import { type Connection, openConnection } from "../wire/connection.ts";
import { LineReader } from "../wire/line-reader.ts";
import { type Answer, isError, type Question, valueLength } from "./answer.ts";
import type { MemcachedAddress } from "./memcached-url.ts";

export interface MemcachedClient {
  /** Rejects with a PassingFailure when the connection breaks, CLOSED after `close`. */
  ask(question: Question, usage: StoreUsage): Promise<Answer>;
  /** At once. May be called twice. */
  close(): void;
}

export interface MemcachedClientOptions {
  readonly address: MemcachedAddress;
  readonly clock: Clock;
}

interface Waiting extends Question {
  found: boolean;
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

const scratchBytes = 64 * 1024;
/** Connecting, too: the server answers nothing before it was asked. */
const mostSilenceMs = 60_000;
const mostConnectMs = 5_000;

export function createMemcachedClient({ address, clock }: MemcachedClientOptions): MemcachedClient {
  let current: Pipeline | undefined;
  let closed: FnmeshError | undefined;
  return {
    ask(question, usage) {
      if (closed !== undefined) return Promise.reject(closed);
      if (current === undefined || current.broken) current = new Pipeline(address, clock);
      usage.commands += 1;
      return current.ask(question);
    },
    close() {
      closed ??= new FnmeshError("CLOSED", "the connections to Memcached are closed");
      current?.fail(closed);
    },
  };
}

class Pipeline {
  readonly #address: MemcachedAddress;
  readonly #clock: Clock;
  readonly #reader: LineReader;
  readonly #connection: Connection;
  /** Asked and not answered, oldest first. */
  readonly #waiting: Waiting[] = [];
  #unwritten: Uint8Array[] = [];
  #silence: Timer | undefined;
  #answeredAt: number;
  #answered = false;
  broken = false;

  constructor(address: MemcachedAddress, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
    this.#answeredAt = clock.now();
    const onValue = () => this.#onValue();
    this.#reader = new LineReader({ onLine: (line) => this.#onLine(line), onValue }, scratchBytes);
    this.#connection = openConnection(address, this.#reader, (error) =>
      this.fail(unreachable(address, error)),
    );
  }

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) this.#answeredAt = this.#clock.now();
      this.#waiting.push({ ...question, found: false, resolve, reject });
      this.#silence ??= this.#watch();
      // What is asked in one turn goes in one write.
      if (this.#unwritten.length === 0) queueMicrotask(() => this.#write());
      this.#unwritten.push(...question.parts);
    });
  }

  fail(error: Error): void {
    if (this.broken) return;
    this.broken = true;
    this.#connection.destroy();
    this.#silence?.cancel();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #write(): void {
    this.#connection.write(this.#unwritten);
    this.#unwritten = [];
  }

  #onLine(line: string): void {
    const first = this.#waiting[0];
    if (first === undefined) throw new Error("an answer without a question");
    const length = first.value === undefined ? undefined : valueLength(line);
    if (length !== undefined) {
      first.found = true;
      this.#reader.takeValue(length, first.value!(length));
      return;
    }
    const many = first.value !== undefined || first.onLine !== undefined;
    if (!many || line === "END" || isError(line)) this.#settle(line);
    else if (first.onLine !== undefined) first.onLine(line);
    else throw new Error("this is not Memcached: its answer cannot be read");
  }

  #onValue(): void {
    this.#answeredAt = this.#clock.now();
  }

  #settle(line: string): void {
    const { found, resolve } = this.#waiting.shift()!;
    this.#answered = true;
    this.#answeredAt = this.#clock.now();
    resolve({ line, found });
  }

  #watch(): Timer {
    const most = this.#answered ? mostSilenceMs : mostConnectMs;
    return this.#clock.setTimer(most / 4, () => {
      this.#silence = undefined;
      if (this.#waiting.length === 0) return;
      const silentMs = this.#clock.now() - this.#answeredAt;
      if (silentMs < most) this.#silence = this.#watch();
      else this.fail(unreachable(this.#address, new Error(`no answer for ${Math.round(silentMs / 1000)} s`)));
    });
  }
}

const unreachable = ({ shown }: MemcachedAddress, cause: Error): PassingFailure =>
  new PassingFailure(
    "broken",
    new FnmeshError("STORE_UNAVAILABLE", `Memcached at ${shown} cannot be reached: ${cause.message}`, {
      cause,
      hint: "Is it running, and may these workers connect to it?",
    }),
  );
