// A worker's place in its job: the control connection from hello to farewell, and who gets what comes over it.

import { abortable } from "../env/abortable.ts";
import type { Clock, Endpoint, Env } from "../env/env.ts";
import { limitedSignal } from "../env/limited-signal.ts";
import { type ErrorCode, FnmeshError } from "../errors/errors.ts";
import type { MessageBody, OrchestratorMessage } from "../protocol/control.ts";
import type { Note } from "../protocol/note.ts";
import { protocolVersion } from "../protocol/version.ts";
import type { Invocation } from "../provider/provider.ts";
import { type ControlClient, controlClient } from "../rendezvous/control-client.ts";
import { dialOrchestrator, type OrchestratorConnection } from "../rendezvous/dial-orchestrator.ts";
import { createDownloads, type Downloads } from "./downloads.ts";

export type Welcome = MessageBody<OrchestratorMessage, "welcome">;

export interface JoinOptions {
  readonly invocation: Invocation;
  readonly env: Env;
  readonly cachedCode: readonly string[];
  readonly limitMs: number;
  /** Ends the invocation: the orchestrator said so, or is gone. */
  readonly endBy: (error: FnmeshError) => void;
  readonly signal: AbortSignal;
}

/** Rejects with ORCHESTRATOR_UNAVAILABLE, AUTH, VERSION, DEADLINE or the signal's reason. */
export async function joinJob(options: JoinOptions): Promise<Membership> {
  const { invocation, env, limitMs, signal } = options;
  const late = () =>
    new FnmeshError("DEADLINE", `the orchestrator did not let this worker in within ${limitMs} ms`);
  const limit = limitedSignal(env.clock, limitMs, late, signal);
  try {
    const secret = Buffer.from(invocation.secret, "base64url");
    const connection = await dialOrchestrator(env, invocation, secret, "control", limit.signal);
    const membership = new Membership(options, secret, connection);
    await abortable(membership.hello(options.cachedCode), limit.signal).catch((error) => {
      membership.close();
      throw error;
    });
    return membership;
  } finally {
    limit.cancel();
  }
}

export class Membership {
  readonly secret: Uint8Array;
  readonly control: ControlClient;
  readonly downloads: Downloads;
  /** What the rendezvous connection goes out from. */
  readonly local: { readonly address: string; readonly port: number };
  readonly observer: Endpoint;
  /** Messages that are not the membership's own go here. */
  onMessage: (message: OrchestratorMessage) => void = () => {};
  /** A few bytes of another worker. */
  onNote: (note: Note) => void = () => {};
  readonly #invocation: Invocation;
  readonly #clock: Clock;
  readonly #endBy: (error: FnmeshError) => void;
  #welcome: Welcome | undefined;
  #onWelcome: { resolve(): void; reject(error: FnmeshError): void } | undefined;
  /** The orchestrator has what it was told last, or the connection is gone. */
  #onHeard: () => void = () => {};

  constructor(
    { invocation, env, endBy }: JoinOptions,
    secret: Uint8Array,
    connection: OrchestratorConnection,
  ) {
    this.secret = secret;
    this.local = { address: connection.localAddress, port: connection.localPort };
    this.observer = { host: invocation.orchestrator.host, port: invocation.orchestrator.observePort };
    this.#invocation = invocation;
    this.#clock = env.clock;
    this.#endBy = endBy;
    this.control = controlClient(connection.socket, {
      onMessage: (message) => this.#take(message),
      onBlob: (blob) => this.downloads.onBlob(blob),
      onNote: (note) => this.onNote(note),
      onClose: (error) => {
        this.#onHeard();
        this.#end(error);
      },
    });
    this.downloads = createDownloads((message) => this.control.send(message));
  }

  get welcome(): Welcome {
    return this.#welcome!;
  }

  /** Resolves when the worker is welcome. */
  hello(cachedCode: readonly string[]): Promise<void> {
    const { job, rank, attempt } = this.#invocation;
    const hello = { version: protocolVersion, job, rank, attempt, node: process.version, cachedCode };
    return new Promise((resolve, reject) => {
      this.#onWelcome = { resolve, reject };
      this.control.send({ type: "hello", ...hello });
    });
  }

  /** Sends the result; resolves when it is stored. */
  deliver(value: unknown): Promise<void> {
    return new Promise((resolve) => {
      this.#onHeard = resolve;
      this.control.send({ type: "result", value });
    });
  }

  /** Tells what went wrong; resolves when the orchestrator has it, or after the limit. */
  fail(error: FnmeshError, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#clock.setTimer(limitMs, resolve);
      this.#onHeard = () => {
        timer.cancel();
        resolve();
      };
      this.control.send({ type: "failed", error: error.toRecord() });
      this.control.close();
    });
  }

  /** May be called twice. */
  close(): void {
    this.control.destroy();
  }

  #take(message: OrchestratorMessage): void {
    switch (message.type) {
      case "welcome":
        this.#welcomed(message);
        return;
      case "abort":
        this.#end(FnmeshError.fromRecord({ ...message.error, code: message.error.code as ErrorCode }));
        return;
      case "done":
        this.#onHeard();
        return;
      default:
        this.onMessage(message);
    }
  }

  #welcomed(welcome: Welcome): void {
    if (welcome.version === protocolVersion) {
      this.#welcome = welcome;
      this.#onWelcome?.resolve();
      return;
    }
    const versions = `the orchestrator speaks protocol ${welcome.version}, this worker ${protocolVersion}`;
    this.#end(
      new FnmeshError("VERSION", versions, {
        hint: "Deploy the function and the orchestrator from one release.",
      }),
    );
  }

  #end(error: FnmeshError): void {
    this.downloads.fail(error);
    this.#onWelcome?.reject(error);
    this.#endBy(error);
  }
}
