// One try at one path: dial (or take what was accepted), handshake, probe. It reports what happened as events of the
// punch state machine, decides nothing, and holds nothing once it is discarded or released.

import { Canceller } from "../env/canceller.ts";
import type { Env, Socket, Timer } from "../env/env.ts";
import { FnmeshError } from "../errors/errors.ts";
import { confirmLink } from "../link/confirm.ts";
import { LinkReader, secureLink } from "../link/secure-link.ts";
import type { StreamLink } from "../link/stream-link.ts";
import type { Route } from "../nat/routes.ts";
import type { PunchEvent } from "./punch-events.ts";
import { handshakeLimitMs, probeLimitMs } from "./punch-limits.ts";

export interface PathAttemptOptions {
  readonly id: number;
  readonly env: Env;
  readonly role: "lower" | "higher";
  readonly encrypt: boolean;
  /** The pair's key, and what its diallers show. */
  readonly key: Uint8Array;
  readonly token: Uint8Array;
  /** The port that the orchestrator and, through the NAT, the peer see this worker at. */
  readonly rendezvousPort: number;
  /** How many pairs this worker is connecting right now. */
  readonly load: () => number;
  readonly emit: (event: PunchEvent) => void;
}

/** One for all: nobody is told, and the making of an error costs more than that of a socket. */
const otherPath = new FnmeshError("CLOSED", "another path was taken");

const refusals: ReadonlySet<string> = new Set(["ECONNREFUSED", "ECONNRESET"]);

export class PathAttempt {
  readonly #options: PathAttemptOptions;
  /** What is under way; made when something is, as most attempts only ever wait for their time. */
  #underway: Canceller | undefined;
  #timer: Timer | undefined;
  /** While a dial waits for its time. */
  #dialNow: (() => void) | undefined;
  #socket: Socket | undefined;
  #reader: LinkReader | undefined;
  #link: StreamLink | undefined;
  #discarded = false;
  /** When the socket stood, and when it was secured. */
  readonly at = { connected: 0, secured: 0 };

  constructor(options: PathAttemptOptions) {
    this.#options = options;
  }

  /** May be called again when a dial has failed. */
  dial(route: Route, afterMs: number): void {
    if (afterMs === 0) {
      void this.#dial(route);
      return;
    }
    this.#dialNow = () => {
      this.#dialNow = undefined;
      this.#timer?.cancel();
      void this.#dial(route);
    };
    this.#timer = this.#options.env.clock.setTimer(afterMs, this.#dialNow);
  }

  /** Does not begin with a dial that waits for its time, until it is told to hurry. */
  hold(): void {
    if (this.#dialNow !== undefined) this.#timer?.cancel();
  }

  /** Does not wait any longer with the dial. */
  hurry(): void {
    this.#dialNow?.();
  }

  /** The peer dialled us, and has shown the token. */
  take(socket: Socket): void {
    this.#socket = socket;
    this.at.connected = this.#options.env.clock.now();
  }

  async secure(): Promise<void> {
    const { id, env, role, encrypt, key, load, emit } = this.#options;
    const signal = this.#begin();
    const late = () => this.#underway?.abort(new FnmeshError("DEADLINE", "no handshake in time"));
    this.#timer = env.clock.setTimer(handshakeLimitMs(load()), late);
    try {
      const socket = this.#socket!;
      const reader = this.#reader;
      const { random } = env;
      this.#link = await secureLink({ socket, reader, key, role, encrypt, random, signal });
      this.#timer.cancel();
      if (this.#discarded) return;
      this.at.secured = env.clock.now();
      emit({ type: "secured", id });
    } catch (error) {
      this.#timer.cancel();
      if (!this.#discarded) emit({ type: "insecure", id, reason: messageOf(error) });
    }
  }

  /** Nominates, or awaits the nomination; then full packets go both ways. */
  confirm(): void {
    const { id, env, role, load, emit } = this.#options;
    const fail = (reason: string) => {
      this.#timer?.cancel();
      if (!this.#discarded) emit({ type: "unconfirmed", id, reason });
    };
    const startTimer = () => {
      const late = () => fail("no acknowledgement of full packets in time");
      this.#timer = env.clock.setTimer(probeLimitMs(load()), late);
    };
    if (role === "lower") startTimer();
    const { packetBytes } = env.net;
    confirmLink(
      { link: this.#link!, role, packetBytes },
      {
        onNominated: () => {
          startTimer();
          emit({ type: "nominated", id });
        },
        onConfirmed: () => {
          this.#timer?.cancel();
          emit({ type: "confirmed", id });
        },
        onFailed: (error) => fail(error.message),
      },
    );
  }

  /** The link is somebody else's now. */
  release(): StreamLink {
    return this.#link!;
  }

  /** May be called twice. */
  discard(): void {
    this.#discarded = true;
    this.#timer?.cancel();
    this.#dialNow = undefined;
    this.#underway?.abort(otherPath);
    if (this.#socket !== undefined) discardSocket(this.#socket);
    this.#link?.destroy();
  }

  #begin(): Canceller {
    this.#underway ??= new Canceller();
    return this.#underway;
  }

  async #dial({ kind, host, port }: Route): Promise<void> {
    const { id, env, encrypt, rendezvousPort, token, emit } = this.#options;
    const signal = this.#begin();
    const reader = encrypt ? undefined : new LinkReader();
    try {
      const socket = await env.net.dial({
        host,
        port,
        signal,
        ...(kind === "passive" ? {} : { localPort: rendezvousPort }),
        ...(reader === undefined ? {} : { reader }),
      });
      if (this.#discarded) {
        discardSocket(socket);
        return;
      }
      this.take(socket);
      this.#reader = reader;
      if (kind !== "so") socket.write(token);
      emit({ type: "dialled", id });
    } catch (error) {
      if (this.#discarded) return;
      const reason = error instanceof Error && "code" in error ? String(error.code) : messageOf(error);
      emit({ type: "dial-failed", id, refused: refusals.has(reason), reason });
    }
  }
}

/** With RST, so that no TIME_WAIT keeps the same two endpoints from meeting again in the next round. */
function discardSocket(socket: Socket): void {
  socket.on("error", () => {}); // Nobody wants to know any more.
  socket.resetAndDestroy();
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
