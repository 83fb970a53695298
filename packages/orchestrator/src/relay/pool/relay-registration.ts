// One relay's registration: `register` first, then its load and its questions, and one ending.

import type { TLSSocket } from "node:tls";
import { FnmeshError } from "@fnmesh/core";
import type { Clock, Timer } from "@fnmesh/core/internal";
import { protocolVersion } from "@fnmesh/core/protocol";
import { readFrames } from "../../rendezvous/frame-reading.ts";
import type { RefusalReason } from "../../rendezvous/refusals.ts";
import type { RelayAddress } from "../../routing/pair-routes.ts";
import {
  decodeFromRelay,
  encodeRegistration,
  mostRegistrationFrameBytes,
  type RelayMessage,
  relaySilenceMs,
  type ToRelayMessage,
} from "../registration.ts";
import type { RelayedJobs } from "./relay-desk.ts";

export interface RegistrationEnding {
  readonly detail: string;
  readonly refused?: RefusalReason;
  /** Its connection stands, and nothing comes. */
  readonly silent?: boolean;
}

export interface RegistrationEvents {
  onRegistered(address: RelayAddress): void;
  /** So many bytes since it told last. */
  onRelayed(bytes: number): void;
  /** Called once, last. */
  onEnd(ending: RegistrationEnding): void;
}

export interface RelayRegistrationOptions {
  readonly id: string;
  readonly socket: TLSSocket;
  readonly clock: Clock;
  readonly jobs: RelayedJobs;
  readonly events: RegistrationEvents;
}

type Handlers = {
  readonly [K in RelayMessage["type"]]: (message: Extract<RelayMessage, { type: K }>) => void;
};

export class RelayRegistration {
  readonly #options: RelayRegistrationOptions;
  readonly #handlers: Handlers;
  #registered = false;
  #relayedBytes = 0;
  #silent = false;
  #silence: Timer | undefined;

  constructor(options: RelayRegistrationOptions) {
    this.#options = options;
    this.#handlers = this.#makeHandlers();
    options.socket.on("error", () => {}); // It shows where the socket is read.
    this.#heard();
    void this.#run();
  }

  forget(job: string): void {
    if (this.#registered) this.#send({ type: "forget", job });
  }

  /** May be called twice. */
  close(): void {
    this.#options.socket.destroy();
  }

  async #run(): Promise<void> {
    const { socket, events } = this.#options;
    const ending = await readFrames(socket, mostRegistrationFrameBytes, (frame) => {
      this.#heard();
      this.#take(decodeFromRelay(frame));
    }).then(() => ({ detail: "it closed its registration" }), endingOf);
    socket.destroy();
    this.#silence?.cancel();
    events.onEnd({ ...ending, silent: this.#silent });
  }

  #heard(): void {
    const { clock, socket } = this.#options;
    this.#silence?.cancel();
    this.#silence = clock.setTimer(relaySilenceMs, () => {
      this.#silent = true;
      socket.destroy(new Error(`nothing was heard of the relay for ${relaySilenceMs / 1000} s`));
    });
  }

  #take(message: RelayMessage): void {
    if ((message.type === "register") === this.#registered) {
      throw new FnmeshError("PROTOCOL", `"${message.type}" at the wrong time`);
    }
    (this.#handlers[message.type] as (message: RelayMessage) => void)(message);
  }

  #makeHandlers(): Handlers {
    const { id, jobs, events } = this.#options;
    return {
      register: ({ version, host, port, relayedBytes, jobs: known }) => {
        if (version !== protocolVersion) {
          throw new FnmeshError("VERSION", `it speaks protocol ${version}, not ${protocolVersion}`);
        }
        this.#registered = true;
        this.#relayedBytes = relayedBytes;
        this.#send({ type: "registered" });
        for (const job of known) if (!jobs.isRunning(job)) this.forget(job);
        events.onRegistered({ id, host, port });
      },
      load: ({ relayedBytes }) => {
        events.onRelayed(Math.max(0, relayedBytes - this.#relayedBytes));
        this.#relayedBytes = relayedBytes;
        this.#send({ type: "heard" });
      },
      key: ({ job, rank, attempt }) => {
        const answer = jobs.relayKey({ job, rank, attempt });
        const known = "key" in answer ? { size: answer.size, key: textOf(answer.key) } : { size: 0 };
        this.#send({ type: "key", job, rank, attempt, ...known });
      },
      undeliverable: ({ job, from, to }) => jobs.undeliverable(job, from, to),
    };
  }

  #send(message: ToRelayMessage): void {
    const { socket } = this.#options;
    if (!socket.destroyed && !socket.writableEnded) socket.write(encodeRegistration(message));
  }
}

const textOf = (key: Uint8Array): string => Buffer.from(key).toString("base64url");

function endingOf(error: unknown): RegistrationEnding {
  const detail = error instanceof Error ? error.message : String(error);
  const code = error instanceof FnmeshError ? error.code : undefined;
  if (code === "FRAME_TOO_LARGE") return { detail, refused: "frame-too-large" };
  if (code === "PROTOCOL") return { detail, refused: "protocol" };
  if (code === "VERSION") return { detail, refused: "version" };
  return { detail };
}
