// A relay process' registration with its orchestrator: dials, registers, tells its load, asks for keys; and dials again
// when the connection is lost, for as long as it lives.

import { FnmeshError } from "@fnmesh/core";
import { type Endpoint, type Env, pskClient, type Timer } from "@fnmesh/core/internal";
import { type Identity, protocolVersion, relayServerIdentity, relayServerKey } from "@fnmesh/core/protocol";
import { readFrames } from "../../rendezvous/frame-reading.ts";
import {
  decodeToRelay,
  encodeRegistration,
  loadEveryMs,
  mostRegistrationFrameBytes,
  type RelayMessage,
  relaySilenceMs,
  type ToRelayMessage,
} from "../registration.ts";
import type { Admitted } from "./relay-jobs.ts";

/** The waits before another try; the last one again and again. */
const backOffMs = [250, 500, 1_000, 2_000, 5_000] as const;
const jitterMs = 250;
const dialLimitMs = 10_000;

export interface RegistrarOptions {
  readonly env: Env;
  readonly id: string;
  readonly token: string;
  readonly orchestrator: Endpoint;
  /** Where workers dial this relay. */
  readonly address: Endpoint;
  /** What this relay does now. */
  readonly load: () => {
    readonly jobs: readonly string[];
    readonly connections: number;
    readonly relayedBytes: number;
  };
  readonly events: RegistrarEvents;
}

export interface RegistrarEvents {
  onRegistered(): void;
  /** The orchestrator is gone; it is dialled again. */
  onLost(why: string): void;
  onForget(job: string): void;
  /** The token is not the orchestrator's: there is no use in trying again. */
  onRefused(error: FnmeshError): void;
}

type Socket = Awaited<ReturnType<typeof pskClient>>;

export class Registrar {
  readonly #options: RegistrarOptions;
  readonly #over = new AbortController();
  /** By worker, those who wait for its key; they are asked for again after a loss. */
  readonly #asked = new Map<string, { readonly worker: Identity; readonly answers: Answer[] }>();
  #socket: Socket | undefined;
  #everRegistered = false;

  constructor(options: RegistrarOptions) {
    this.#options = options;
    void this.#run();
  }

  /** Undefined when the worker may not come in. Rejects with the signal's reason. */
  async keyOf(worker: Identity, signal: AbortSignal): Promise<Admitted | undefined> {
    const name = nameOf(worker);
    const { promise, answer } = pending();
    const asked = this.#asked.get(name) ?? { worker, answers: [] };
    if (!this.#asked.has(name)) this.#ask(worker);
    this.#asked.set(name, asked);
    asked.answers.push(answer);
    const abort = () => answer(signal.reason as Error);
    signal.addEventListener("abort", abort, { once: true });
    try {
      return await promise;
    } finally {
      signal.removeEventListener("abort", abort);
      asked.answers.splice(asked.answers.indexOf(answer), 1);
      if (asked.answers.length === 0 && this.#asked.get(name) === asked) this.#asked.delete(name);
    }
  }

  undeliverable(job: string, from: number, to: number): void {
    this.#send({ type: "undeliverable", job, from, to });
  }

  /** In order: the orchestrator sees that this relay leaves. May be called twice. */
  close(): void {
    this.#over.abort(new FnmeshError("CLOSED", "the relay ends"));
    this.#socket?.destroySoon();
  }

  async #run(): Promise<void> {
    const { env, events } = this.#options;
    const { signal } = this.#over;
    for (let tries = 0; !signal.aborted; tries += 1) {
      let registered = false;
      const why = await this.#once(() => {
        registered = true;
      }).catch((error: unknown) => error as Error);
      if (signal.aborted) return;
      if (isRefusal(why) && !this.#everRegistered) return events.onRefused(refused(why));
      if (registered) {
        events.onLost(why.message);
        tries = 0;
      }
      env.log.debug("registering again", { why: why.message, tries });
      const waitMs = backOffMs[Math.min(tries, backOffMs.length - 1)]! + env.random.int(0, jitterMs);
      await pause(env, waitMs, signal);
    }
  }

  /** One connection, from the dial to its end: resolves with what ended it. */
  async #once(onRegistered: () => void): Promise<Error> {
    const { env, address, load, events } = this.#options;
    const socket = await this.#dial();
    this.#socket = socket;
    const { jobs, relayedBytes } = load();
    this.#send({ type: "register", version: protocolVersion, ...address, relayedBytes, jobs });
    let timers: Timer[] = [];
    const heard = () => {
      timers[0]?.cancel();
      timers[0] = env.clock.setTimer(relaySilenceMs, () => socket.destroy(new Error("it is silent")));
    };
    const tell = () => {
      const now = load();
      this.#send({ type: "load", ...now, jobs: now.jobs.length });
      timers[1] = env.clock.setTimer(loadEveryMs, tell);
    };
    heard();
    try {
      await readFrames(socket, mostRegistrationFrameBytes, (frame) => {
        heard();
        const message = decodeToRelay(frame);
        if (message.type !== "registered") return this.#take(message);
        onRegistered();
        this.#everRegistered = true;
        for (const { worker } of this.#asked.values()) this.#ask(worker);
        tell();
        events.onRegistered();
      });
      return new Error("the orchestrator closed the connection");
    } finally {
      for (const timer of timers) timer?.cancel();
      timers = [];
      this.#socket = undefined;
      socket.destroy();
    }
  }

  #take(message: Exclude<ToRelayMessage, { type: "registered" }>): void {
    if (message.type === "forget") this.#options.events.onForget(message.job);
    if (message.type !== "key") return;
    const { key, size } = message;
    const admitted = key === undefined ? undefined : { key: Buffer.from(key, "base64url"), size };
    for (const answer of [...(this.#asked.get(nameOf(message))?.answers ?? [])]) answer(admitted);
  }

  async #dial(): Promise<Socket> {
    const { env, id, token, orchestrator } = this.#options;
    const limit = new AbortController();
    const abort = () => limit.abort(this.#over.signal.reason);
    this.#over.signal.addEventListener("abort", abort, { once: true });
    const timer = env.clock.setTimer(dialLimitMs, () =>
      limit.abort(new FnmeshError("DEADLINE", "the orchestrator did not answer in time")),
    );
    try {
      const plain = await env.net.dial({ ...orchestrator, signal: limit.signal });
      plain.setKeepAlive(true, 15_000);
      const key = relayServerKey(token, id);
      const socket = await pskClient(plain, { identity: relayServerIdentity(id), key, signal: limit.signal });
      socket.on("error", () => {}); // It shows where the socket is read.
      return socket;
    } finally {
      timer.cancel();
      this.#over.signal.removeEventListener("abort", abort);
    }
  }

  #ask({ job, rank, attempt }: Identity): void {
    this.#send({ type: "key", job, rank, attempt });
  }

  #send(message: RelayMessage): void {
    if (this.#socket?.writable) this.#socket.write(encodeRegistration(message));
  }
}

type Answer = (answer: Admitted | Error | undefined) => void;

const nameOf = ({ job, rank, attempt }: Identity): string => `${job} ${rank} ${attempt}`;

function pending(): { readonly promise: Promise<Admitted | undefined>; readonly answer: Answer } {
  let answer!: Answer;
  const promise = new Promise<Admitted | undefined>((resolve, reject) => {
    answer = (given) => (given instanceof Error ? reject(given) : resolve(given));
  });
  return { promise, answer };
}

/** TLS itself said no; anything else that ends a handshake is the network's doing. */
const isRefusal = (error: Error): boolean =>
  error.cause instanceof Error && String((error.cause as NodeJS.ErrnoException).code).startsWith("ERR_SSL_");

const refused = (cause: Error) =>
  new FnmeshError("AUTH", "the orchestrator does not take this relay: it has another relay token, or none", {
    cause,
    hint: "Give both the same token: FNMESH_RELAY_TOKEN, or --token-file.",
  });

function pause({ clock }: Env, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimer(ms, done);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
