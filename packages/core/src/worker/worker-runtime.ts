// Puts a joined worker together: pairs, mailbox, input, output, heartbeats; and takes it apart again.

import { createMailbox } from "../channel/mailbox.ts";
import { abortable } from "../env/abortable.ts";
import type { Env, Listener, Timer } from "../env/env.ts";
import { FnmeshError, protocolError, toFnmeshError } from "../errors/errors.ts";
import { createHubs } from "../hub/hubs.ts";
import { noticeBoard } from "../hub/notice-board.ts";
import type { RuntimeWorker } from "../job/job.ts";
import type { JobDrivers } from "../job/load-job.ts";
import type { Whereabouts } from "../nat/routes.ts";
import type { Inner } from "../peers/inner.ts";
import { meshPeers } from "../peers/mesh-peers.ts";
import { PairTable } from "../peers/pair-table.ts";
import type { OrchestratorMessage } from "../protocol/control.ts";
import type { Invocation } from "../provider/provider.ts";
import { openSideDoor } from "../punch/side-door.ts";
import { gather } from "../rendezvous/gather.ts";
import type { OpenedInput } from "../source/source.ts";
import type { StoreDrivers } from "../store/store.ts";
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
  /** Modules that go with the job, for its code. */
  readonly load: Inner["load"];
}

export interface WorkerRuntime {
  readonly worker: RuntimeWorker;
  /** The promise, or the reason why the invocation has to end. */
  untilOver<T>(promise: Promise<T>): Promise<T>;
  /** What the job's code brought along. */
  provideDrivers(drivers: JobDrivers): void;
  /** All output and all messages are delivered. */
  finish(): Promise<void>;
  telemetry(): void;
  /** Closes sockets, cancels timers. Resolves when nothing is open any more. May be called twice. */
  close(): Promise<void>;
}

const heartbeatCheckMs = 5_000;
const telemetryMs = 1_000;
/** A timer this late means that this worker itself did not listen. */
const lateMs = 1_000;

export function createWorkerRuntime(options: WorkerRuntimeOptions): WorkerRuntime {
  const { invocation, env, membership, startedAt, over, load } = options;
  const { welcome, control, secret } = membership;
  const { rank, attempt, job } = invocation;
  const mailbox = createMailbox({ peers: welcome.size - 1 });
  let whereabouts: Whereabouts = { rank, candidates: [], mapping: "unknown" };
  let listener: Listener | undefined;
  let foundDrivers: (drivers: StoreDrivers) => void = () => {};
  let opened: OpenedInput | undefined;
  const notices = noticeBoard((note) => control.sendNote(note));
  const remainingMs = () => Math.max(0, startedAt + invocation.timeoutMs - env.clock.now());
  const hubs = createHubs({
    env,
    invocation,
    secret,
    size: welcome.size,
    settings: welcome.stores,
    drivers: new Promise((resolve) => {
      foundDrivers = resolve;
    }),
    notices,
    remainingMs,
    signal: over.signal,
  });
  const { ladder } = welcome;
  const welcomedAt = env.clock.now();

  const pairs = new PairTable({
    env,
    job,
    secret,
    self: { rank, attempt },
    encrypt: welcome.encrypt,
    punches: ladder.includes("direct"),
    relayAllowed: ladder.some((rung) => rung !== "direct"),
    // One relay may be replaced by another one.
    lasting: ladder.length > 1 || ladder[0] === "relay",
    window: windowFor({ memoryMb: welcome.memoryMb, size: welcome.size }),
    mostMessageBytes: mostMessageBytesFor(welcome.memoryMb),
    mailbox,
    whereabouts: () => whereabouts,
    rendezvousPort: membership.local.port,
    askConnect: (peers, bytes) => control.send({ type: "connect", peers, ...(bytes > 0 ? { bytes } : {}) }),
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
    hub: (route) => hubs.get(route),
    askRoute: (peer, route, reason) =>
      control.send({ type: "fallback", peer, route, reason: reason.slice(0, 512) }),
  });

  const mostMessageBytes = mostMessageBytesFor(welcome.memoryMb);
  const { size } = welcome;
  const peers = meshPeers({ rank, size, mostMessageBytes, pairs, mailbox, clock: env.clock, load });
  const upload = createUpload((blob) => control.sendBlob(blob));
  const download = (index: number) => membership.downloads.split(index, welcome.splits[index]!);
  const context = workerContext({
    rank,
    size: welcome.size,
    attempt,
    params: welcome.params,
    input: welcome.splits.map((_, index) => download(index)),
    output: upload.output,
    peers,
    signal: over.signal,
    remainingMs,
    send: (message) => control.send(message),
  });
  const telemetry = createTelemetry({
    pairs,
    startedAt,
    welcomedAt,
    storeUsages: () => hubs.usages(),
    inputUsage: () => opened?.usage,
    send: (message) => control.send(message),
  });
  const cancelTimers = startTimers(env, telemetry, (stalledMs) => pairs.checkHeartbeats(stalledMs));

  membership.onNote = (note) => notices.take(note);
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
    get worker() {
      return opened === undefined ? context.worker : { ...context.worker, input: opened.splits };
    },
    untilOver: (promise) => abortable(promise, over.signal),
    provideDrivers({ stores = {}, openInput }) {
      foundDrivers(stores);
      const { splits, sources: settings, memoryMb } = welcome;
      if (settings === undefined) return;
      opened = openInput?.({ splits, settings, memoryMb, download, env, signal: over.signal });
    },
    async finish() {
      await upload.end();
      await pairs.finish(over.signal);
    },
    telemetry,
    async close() {
      over.signal.removeEventListener("abort", end);
      cancelTimers();
      opened?.close();
      pairs.close(new FnmeshError("CLOSED", "this worker has finished"));
      if (over.signal.aborted) hubs.destroy();
      void gathered.then(() => listener?.close());
      await hubs.close();
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
      pairs.routed(message);
      return;
    case "noroute":
      pairs.stranded(message.peer, message.reason);
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
      throw protocolError(`a "${message.type}" message that does not belong here`);
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
