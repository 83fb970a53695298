// Puts a joined worker together: pairs, mailbox, input, output, heartbeats; and takes it apart again.

import { createMailbox } from "../channel/mailbox.ts";
import { abortable } from "../channel/session.ts";
import type { Env, Listener, Timer } from "../env/env.ts";
import { FnmeshError, toFnmeshError } from "../errors/errors.ts";
import type { Worker } from "../job/job.ts";
import { type RelayClient, relayClient } from "../link/relay-link.ts";
import type { Whereabouts } from "../nat/routes.ts";
import { meshPeers } from "../peers/mesh-peers.ts";
import { PairTable } from "../peers/pair-table.ts";
import type { OrchestratorMessage } from "../protocol/control.ts";
import type { Invocation } from "../provider/provider.ts";
import { openSideDoor } from "../punch/side-door.ts";
import { dialOrchestrator } from "../rendezvous/dial-orchestrator.ts";
import { gather } from "../rendezvous/gather.ts";
import type { Membership } from "./membership.ts";
import { createTelemetry } from "./telemetry.ts";
import { createUpload } from "./upload.ts";
import { mostMessageBytesFor, windowFor } from "./windows.ts";
import { workerContext } from "./worker-context.ts";

export interface WorkerRuntimeOptions {
  readonly invocation: Invocation;
  readonly env: Env;
  readonly membership: Membership;
  readonly startedAt: number;
  /** Aborted when the invocation has to end; aborting it ends everything here. */
  readonly over: AbortController;
}

export interface WorkerRuntime {
  readonly worker: Worker;
  /** The promise, or the reason why the invocation has to end. */
  untilOver<T>(promise: Promise<T>): Promise<T>;
  /** All output and all messages are delivered. */
  finish(): Promise<void>;
  telemetry(): void;
  /** Closes sockets, cancels timers. May be called twice. */
  close(): void;
}

const heartbeatCheckMs = 5_000;
const telemetryMs = 1_000;
/** A timer this late means that this worker itself did not listen. */
const lateMs = 1_000;

export function createWorkerRuntime(options: WorkerRuntimeOptions): WorkerRuntime {
  const { invocation, env, membership, startedAt, over } = options;
  const { welcome, control, secret } = membership;
  const { rank, attempt, job } = invocation;
  const mailbox = createMailbox({ peers: welcome.size - 1 });
  let whereabouts: Whereabouts = { rank, candidates: [], mapping: "unknown" };
  let listener: Listener | undefined;
  let relay: Promise<RelayClient> | undefined;

  const pairs = new PairTable({
    env,
    job,
    secret,
    self: { rank, attempt },
    encrypt: welcome.encrypt,
    relayAllowed: welcome.ladder.some((rung) => rung !== "direct"),
    window: windowFor({ memoryMb: welcome.memoryMb, size: welcome.size }),
    mostMessageBytes: mostMessageBytesFor(welcome.memoryMb),
    mailbox,
    whereabouts: () => whereabouts,
    rendezvousPort: membership.local.port,
    askConnect: (peers) => control.send({ type: "connect", peers }),
    askRetry: (peer, round, reason, offered) =>
      control.send({ type: "retry", peer, round, reason: reason.slice(0, 512), candidates: [...offered] }),
    openDoor: (knockAt, signal) =>
      openSideDoor({
        env,
        observer: membership.observer,
        knockAt,
        onConnection: (socket) => void pairs.accept(socket),
        signal,
      }),
    askRelay: (peer, reason) =>
      control.send({ type: "fallback", peer, route: 0, reason: reason.slice(0, 512) }),
    relay: () => {
      relay ??= openRelay();
      return relay;
    },
  });

  async function openRelay(): Promise<RelayClient> {
    const connection = await dialOrchestrator(env, invocation, secret, "relay", over.signal);
    return relayClient(connection.socket, () => {});
  }

  const mostMessageBytes = mostMessageBytesFor(welcome.memoryMb);
  const peers = meshPeers({ rank, size: welcome.size, mostMessageBytes, pairs, mailbox, clock: env.clock });
  const upload = createUpload((blob) => control.sendBlob(blob));
  const context = workerContext({
    rank,
    size: welcome.size,
    attempt,
    params: welcome.params,
    input: welcome.splits.map((split, index) => membership.downloads.split(index, split)),
    output: upload.output,
    peers,
    signal: over.signal,
    remainingMs: () => Math.max(0, startedAt + invocation.timeoutMs - env.clock.now()),
    send: (message) => control.send(message),
  });
  const telemetry = createTelemetry({ pairs, startedAt, send: (message) => control.send(message) });
  const cancelTimers = startTimers(env, telemetry, (stalledMs) => pairs.checkHeartbeats(stalledMs));

  membership.onMessage = (message) => dispatch(message, { pairs, barrierReached: context.barrierReached });
  const gathered = gather({
    env,
    observer: membership.observer,
    rendezvousPort: membership.local.port,
    observed: welcome.observed,
    localAddress: membership.local.address,
    onConnection: (socket) => void pairs.accept(socket),
    signal: over.signal,
  }).then(
    (found) => {
      listener = found.listener;
      if (over.signal.aborted) {
        void listener.close();
        return;
      }
      whereabouts = { rank, candidates: found.candidates, mapping: found.mapping };
      control.send({ type: "candidates", candidates: [...found.candidates], mapping: found.mapping });
    },
    (error) => over.abort(toFnmeshError(error, "INTERNAL")),
  );

  const end = () => {
    const error = toFnmeshError(over.signal.reason, "CLOSED");
    mailbox.end(error);
    pairs.close(error);
  };
  over.signal.addEventListener("abort", end, { once: true });

  return {
    worker: context.worker,
    untilOver: (promise) => abortable(promise, over.signal),
    async finish() {
      await upload.end();
      await pairs.finish(over.signal);
    },
    telemetry,
    close() {
      over.signal.removeEventListener("abort", end);
      cancelTimers();
      pairs.close(new FnmeshError("CLOSED", "this worker has finished"));
      void relay?.then((client) => client.close()).catch(() => {}); // It never stood; its pairs were told.
      void gathered.then(() => listener?.close());
    },
  };
}

function dispatch(
  message: OrchestratorMessage,
  { pairs, barrierReached }: { readonly pairs: PairTable; readonly barrierReached: (id: number) => void },
): void {
  switch (message.type) {
    case "introduce":
      pairs.introduced(message.peers);
      return;
    case "route":
      pairs.relayOrdered(message.peer, message.reason);
      return;
    case "gone":
      pairs.gone(message.peer, message.reason);
      return;
    case "barrier":
      barrierReached(message.id);
      return;
    case "pong":
      return;
    default:
      throw new FnmeshError("PROTOCOL", `a "${message.type}" message that does not belong here`);
  }
}

function startTimers(
  env: Env,
  telemetry: () => void,
  checkHeartbeats: (stalledMs: number) => void,
): () => void {
  const running = new Set<Timer>();
  const every = (periodMs: number, act: (lateMs: number) => void) => {
    const dueAt = env.clock.now() + periodMs;
    const timer = env.clock.setTimer(periodMs, () => {
      running.delete(timer);
      act(env.clock.now() - dueAt);
      every(periodMs, act);
    });
    running.add(timer);
  };
  every(telemetryMs, telemetry);
  every(heartbeatCheckMs, (late) => checkHeartbeats(late > lateMs ? late : 0));
  return () => {
    for (const timer of running) timer.cancel();
    running.clear();
  };
}
