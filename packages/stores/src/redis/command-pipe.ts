// Commands in a pipeline: sent without waiting, answered in order. What was not answered when the connection broke is
// sent again, in order; entries carry numbers by which their reader knows the second one (inbox.ts).

import type { FnmeshError } from "@fnmesh/core";
import type { StoreUsage, Timer } from "@fnmesh/core/internal";
import type { Connection } from "../wire/connection.ts";
import { type Lasting, type LastingOptions, lasting } from "./lasting.ts";
import { encodeCommand, type Reply, RespError } from "./resp.ts";

export interface Command {
  readonly parts: readonly Uint8Array[];
  /** Never an error: those end the connection, or everything. */
  onReply?(reply: Exclude<Reply, RespError>): void;
}

export interface CommandPipeOptions extends LastingOptions {
  readonly usage: StoreUsage;
  /** The first connection is there. */
  onReady(): void;
  /** The end, called once: nothing is sent any more. */
  onFailed(error: FnmeshError): void;
}

/** A server that has commands and answers none for so long is taken for gone. A slow one answers each within this. */
const mostSilenceMs = 60_000;

const answered: Command = { parts: [] };

export class CommandPipe {
  readonly #options: CommandPipeOptions;
  readonly #lasting: Lasting;
  #connection: Connection | undefined;
  /** Not yet answered, oldest first, from `#head` on; those before `#sent` were written to this connection. */
  #commands: Command[] = [];
  #head = 0;
  #sent = 0;
  #ready = false;
  #silence: Timer | undefined;
  #answeredAt = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: CommandPipeOptions) {
    this.#options = options;
    this.#lasting = lasting(options, {
      onConnected: (connection) => this.#connected(connection),
      onReply: (reply) => this.#answered(reply),
      onLost: () => {
        this.#connection = undefined;
      },
      onFailed: (error) => {
        this.#stop();
        options.onFailed(error);
      },
    });
  }

  /** Takes a command for the next `flush`. */
  add(command: Command): void {
    this.#commands.push(command);
  }

  /** Adds and flushes one whose answer matters. */
  ask(...words: readonly (string | number)[]): Promise<Exclude<Reply, RespError>> {
    return new Promise((onReply) => {
      this.add({ parts: encodeCommand(words), onReply });
      this.flush();
    });
  }

  /** Writes what waits, if there is a connection. */
  flush(): void {
    const connection = this.#connection;
    if (connection === undefined || this.#sent === this.#commands.length) return;
    if (this.#head === this.#sent) this.#answeredAt = this.#options.env.clock.now();
    const waiting = this.#commands.slice(this.#sent);
    this.#options.usage.commands += waiting.length;
    this.#sent = this.#commands.length;
    connection.write(waiting.flatMap(({ parts }) => parts));
    this.#silence ??= this.#watch();
  }

  /** Resolves when all commands are answered; also when they never will be. */
  idle(): Promise<void> {
    if (this.#head === this.#commands.length) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** May be called twice. */
  destroy(): void {
    this.#lasting.close();
    this.#stop();
  }

  #connected(connection: Connection): void {
    this.#connection = connection;
    this.#options.usage.retries += this.#sent - this.#head;
    this.#sent = this.#head;
    this.flush();
    if (this.#ready) return;
    this.#ready = true;
    this.#options.onReady();
  }

  #answered(reply: Reply): void {
    if (reply instanceof RespError) {
      this.#lasting.refused(reply);
      return;
    }
    if (this.#head === this.#sent) {
      this.#lasting.renew("an answer without a command");
      return;
    }
    this.#lasting.progressed();
    this.#answeredAt = this.#options.env.clock.now();
    const command = this.#commands[this.#head]!;
    this.#commands[this.#head] = answered; // Lets go of its memory.
    this.#head += 1;
    this.#compact();
    command.onReply?.(reply);
    if (this.#head === this.#commands.length) this.#wakeIdle();
  }

  /** Forgets answered commands, many at a time. */
  #compact(): void {
    if (this.#head < this.#commands.length && this.#head < 1024) return;
    this.#commands = this.#commands.slice(this.#head);
    this.#sent -= this.#head;
    this.#head = 0;
  }

  #watch(): Timer {
    return this.#options.env.clock.setTimer(mostSilenceMs / 4, () => {
      this.#silence = undefined;
      if (this.#head === this.#sent) return;
      const silentMs = this.#options.env.clock.now() - this.#answeredAt;
      if (silentMs < mostSilenceMs) this.#silence = this.#watch();
      else this.#lasting.renew(`it did not answer for ${Math.round(silentMs / 1000)} s`);
    });
  }

  #stop(): void {
    this.#connection = undefined;
    this.#silence?.cancel();
    this.#commands = [];
    this.#head = 0;
    this.#sent = 0;
    this.#wakeIdle();
  }

  #wakeIdle(): void {
    for (const wake of this.#onIdle.splice(0)) wake();
  }
}
