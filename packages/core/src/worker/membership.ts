// A worker's place in its job: the control connection from hello to farewell, and who gets what comes over it.

import type { Endpoint, Env } from "../env/env.ts";
import { type ErrorCode, FnmeshError } from "../errors/errors.ts";
import type { MessageBody, OrchestratorMessage, WorkerMessage } from "../protocol/control.ts";
import { protocolVersion } from "../protocol/version.ts";
import type { Invocation } from "../provider/provider.ts";
import { type ControlClient, controlClient } from "../rendezvous/control-client.ts";
import { dialOrchestrator } from "../rendezvous/dial-orchestrator.ts";
import { createDownloads, type Downloads } from "./downloads.ts";

export type Welcome = MessageBody<OrchestratorMessage, "welcome">;

export interface Membership {
  readonly secret: Uint8Array;
  readonly welcome: Welcome;
  readonly control: ControlClient;
  readonly downloads: Downloads;
  readonly local: { readonly address: string; readonly port: number };
  readonly observer: Endpoint;
  /** Messages that are not the membership's own go here; set once, before the first introduction can come. */
  onMessage: (message: OrchestratorMessage) => void;
  /** Sends the result; resolves when it is stored. */
  deliver(value: unknown): Promise<void>;
  /** Tells what went wrong; resolves when the orchestrator has it, or after the limit. */
  fail(error: FnmeshError, limitMs: number): Promise<void>;
  close(): void;
}

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
  const limit = new AbortController();
  const forward = () => limit.abort(signal.reason);
  signal.addEventListener("abort", forward, { once: true });
  const timer = env.clock.setTimer(limitMs, () =>
    limit.abort(
      new FnmeshError("DEADLINE", `the orchestrator did not let this worker in within ${limitMs} ms`),
    ),
  );
  try {
    const secret = Buffer.from(invocation.secret, "base64url");
    const connection = await dialOrchestrator(env, invocation, secret, "control", limit.signal);
    return await sayHello(options, secret, connection, limit.signal);
  } finally {
    timer.cancel();
    signal.removeEventListener("abort", forward);
  }
}

type Connection = Awaited<ReturnType<typeof dialOrchestrator>>;

function sayHello(
  options: JoinOptions,
  secret: Uint8Array,
  connection: Connection,
  limit: AbortSignal,
): Promise<Membership> {
  const { invocation, cachedCode, endBy } = options;
  const { job, rank, attempt, orchestrator } = invocation;
  return new Promise((resolve, reject) => {
    let onDone: () => void = () => {};
    let onClosed: () => void = () => {};
    let membership: Membership | undefined;
    const fail = (error: FnmeshError) => {
      downloads.fail(error);
      reject(error);
      endBy(error);
    };
    const control = controlClient(connection.socket, {
      onMessage(message) {
        if (message.type === "welcome") welcomed(message);
        else if (message.type === "abort")
          fail(FnmeshError.fromRecord({ ...message.error, code: message.error.code as ErrorCode }));
        else if (message.type === "done") onDone();
        else membership?.onMessage(message);
      },
      onBlob: (blob) => downloads.onBlob(blob),
      onClose: (error) => {
        onClosed();
        fail(error);
      },
    });
    const downloads = createDownloads((message: WorkerMessage) => control.send(message));
    const welcomed = (welcome: Welcome) => {
      limit.removeEventListener("abort", tooLate);
      if (welcome.version !== protocolVersion) {
        fail(
          new FnmeshError(
            "VERSION",
            `the orchestrator speaks protocol ${welcome.version}, this worker ${protocolVersion}`,
          ),
        );
        return;
      }
      membership = {
        secret,
        welcome,
        control,
        downloads,
        local: { address: connection.localAddress, port: connection.localPort },
        observer: { host: orchestrator.host, port: orchestrator.observePort },
        onMessage: () => {},
        deliver: (value) =>
          new Promise((stored) => {
            onDone = stored;
            control.send({ type: "result", value });
          }),
        fail: (error, limitMs) =>
          new Promise((told) => {
            onClosed = told;
            const timer = options.env.clock.setTimer(limitMs, told);
            onDone = onClosed = () => {
              timer.cancel();
              told();
            };
            control.send({ type: "failed", error: error.toRecord() });
            control.close();
          }),
        close: () => control.destroy(),
      };
      resolve(membership);
    };
    const tooLate = () => {
      control.destroy();
      reject(limit.reason);
    };
    limit.addEventListener("abort", tooLate, { once: true });
    control.send({
      type: "hello",
      version: protocolVersion,
      job,
      rank,
      attempt,
      node: process.version,
      cachedCode: [...cachedCode],
    });
  });
}
