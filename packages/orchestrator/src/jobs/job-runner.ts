// Runs one job: feeds its state machine with what happens, and does what the machine says. It puts the parts of a job
// together and has no opinion of its own.

import type { ErrorRecord } from "@fnmesh/core";
import type { Env, Invocation, Provider, Timer } from "@fnmesh/core/internal";
import type { PricedAs } from "../cost/pricing.ts";
import type { ControlConnection } from "../rendezvous/control-connection.ts";
import type { ConnectionClaim } from "../rendezvous/door.ts";
import type { Refusals } from "../rendezvous/refusals.ts";
import { JobStores, type StoreRoom } from "../stores/job-stores.ts";
import { Audience } from "./audience.ts";
import { Fleet } from "./fleet.ts";
import type { JobHandle, JobReport, JobSpec } from "./job.ts";
import type { JobEvent, Outcome } from "./job-events.ts";
import { JobGate } from "./job-gate.ts";
import { JobMachine, type Performers } from "./job-machine.ts";
import { type JobParts, jobParts, type Routing } from "./job-parts.ts";
import { currentAttempt, hasFinished, mayJoin, statusOf } from "./job-queries.ts";
import { queuedJob } from "./job-state.ts";
import { Partings } from "./partings.ts";
import { type Ways, welcomeMessage } from "./welcome.ts";
import { type WorkerDesk, workerDesk } from "./worker-desk.ts";

export interface JobRunnerOptions {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  readonly spec: JobSpec;
  readonly ways: Ways;
  readonly routing: Routing;
  readonly pricedAs: PricedAs;
  readonly env: Env;
  readonly provider: Provider;
  readonly orchestrator: Invocation["orchestrator"];
  readonly joinTimeoutMs: number;
  readonly refusals: Refusals;
  readonly storeRoom: StoreRoom;
}

export class JobRunner {
  readonly handle: JobHandle;
  readonly gate: JobGate;
  readonly #options: JobRunnerOptions;
  readonly #parts: JobParts;
  readonly #audience: Audience;
  readonly #fleet: Fleet;
  readonly #machine: JobMachine;
  readonly #partings: Partings;
  readonly #stores: JobStores;
  #settleTimer: Timer | undefined;
  #ended!: (report: JobReport) => void;

  constructor(options: JobRunnerOptions) {
    const { spec, env, id, ways, routing, pricedAs, provider } = options;
    this.#options = options;
    this.#machine = new JobMachine({
      initial: queuedJob(spec.workers, { ...spec, verdictMs: provider.acceptance?.verdictMs }),
      performers: this.#makePerformers(),
      log: env.log,
      onStep: () => this.#audience.changed(),
    });
    this.#parts = jobParts({
      id,
      spec,
      ways,
      routing,
      pricedAs,
      billedMb: provider.deployedMb ?? spec.memoryMb,
      clock: env.clock,
      onOutputTrouble: (error) => this.#dispatch({ type: "trouble", error }),
      onUndeliverable: (from, to) => this.#partings.undeliverable(from, to),
    });
    this.#stores = new JobStores(options.storeRoom, id, ways, this.#parts.storeUsage);
    this.#audience = new Audience(env.clock, env.log, () => this.handle.snapshot());
    this.#fleet = this.#makeFleet();
    this.gate = this.#makeGate();
    this.#partings = new Partings({
      parts: this.#parts,
      hasFinished: (rank) => hasFinished(this.#machine.state, rank),
      hasGone: (rank) => currentAttempt(this.#machine.state, rank) === undefined,
      onTrouble: (error) => this.#dispatch({ type: "trouble", error }),
    });
    this.handle = this.#makeHandle();
  }

  get relayedBytes(): number {
    return this.#parts.relay.relayedBytes;
  }

  get relayConnections(): number {
    return this.#parts.relay.connections;
  }

  get controlConnections(): number {
    return this.#parts.crew.size;
  }

  /** Workers that have not joined yet. */
  get expectedWorkers(): number {
    return this.#machine.state.phase === "launching" ? this.#options.spec.workers - this.#parts.crew.size : 0;
  }

  /** A worker sent over a relay process to one that has no connection to it. */
  undeliverable(from: number, to: number): void {
    this.#partings.undeliverable(from, to);
  }

  relayGone(relay: string, reason: string): void {
    const { crew, introductions } = this.#parts;
    crew.deliver(introductions.relayGone(relay, reason));
  }

  start(): void {
    if (this.#stores.any) void this.#lease();
    else this.#dispatch({ type: "start" });
  }

  async #lease(): Promise<void> {
    const error = await this.#stores.lease(this.#options.spec.timeoutMs);
    this.#dispatch(error === undefined ? { type: "start" } : { type: "trouble", error });
  }

  #dispatch(event: JobEvent): void {
    this.#machine.dispatch(event);
  }

  #makePerformers(): Performers {
    return {
      launch: ({ rank, attempt }) => this.#fleet.launch(rank, attempt),
      farewell: ({ rank, reason }) => this.#partings.farewell(rank, reason),
      settle: ({ afterMs }) => {
        this.#settleTimer?.cancel();
        this.#settleTimer = this.#options.env.clock.setTimer(afterMs, () =>
          this.#dispatch({ type: "settled" }),
        );
      },
      commit: () => void this.#commit(),
      dismiss: () => this.#parts.crew.broadcast({ type: "done" }),
      abort: ({ error }) => this.#parts.crew.broadcast({ type: "abort", error: forTheWire(error) }),
      stop: ({ afterMs }) => void this.#stop(afterMs),
      discard: () => void this.#discard(),
      end: ({ outcome }) => this.#end(outcome),
    };
  }

  async #commit(): Promise<void> {
    const error = await this.#parts.output.commit();
    this.#dispatch(error === undefined ? { type: "committed" } : { type: "commit-failed", error });
  }

  async #stop(graceMs: number): Promise<void> {
    this.#settleTimer?.cancel();
    await this.#fleet.stop(graceMs);
    await this.#stores.sweep();
    this.#dispatch({ type: "stopped" });
  }

  async #discard(): Promise<void> {
    const error = await this.#parts.output.discard();
    if (error !== undefined) {
      this.#options.env.log.error("output may have stayed behind", {
        job: this.#options.id,
        detail: error.message,
      });
    }
    this.#dispatch({ type: "cleaned" });
  }

  #end(outcome: Outcome): void {
    this.gate.close();
    for (let rank = 0; rank < this.#options.spec.workers; rank++) this.#parts.relay.gone(rank);
    this.#parts.relays.end();
    const report = this.#parts.record.report(outcome, this.#options.env.clock.now());
    this.#audience.end(report);
    this.#ended(report);
  }

  #makeFleet(): Fleet {
    const { provider, env, joinTimeoutMs, spec } = this.#options;
    return new Fleet({
      provider,
      clock: env.clock,
      log: env.log,
      joinTimeoutMs,
      memoryMb: spec.memoryMb,
      invocation: (rank, attempt) => this.#invocation(rank, attempt),
      events: {
        launched: (rank, attempt) => {
          this.#parts.record.launched(rank);
          this.#dispatch({ type: "launched", rank, attempt });
        },
        launchFailed: (rank, attempt, error, retryable) =>
          this.#dispatch({ type: "launch-failed", rank, attempt, error, retryable }),
        joinTimeout: (rank, attempt, afterMs, again) =>
          this.#dispatch({ type: "join-timeout", rank, attempt, afterMs, again }),
        billedFrom: (rank, attempt) => this.#parts.record.meter.started(rank, attempt, env.clock.now()),
        billedUntil: (rank, attempt) => this.#parts.record.meter.ended(rank, attempt, env.clock.now()),
        exited: (rank, attempt, exit) => this.#dispatch({ type: "exited", rank, attempt, exit }),
      },
    });
  }

  #invocation(rank: number, attempt: number): Invocation {
    const { id: job, orchestrator, secret, spec } = this.#options;
    const text = Buffer.from(secret).toString("base64url");
    return { version: 1, job, rank, attempt, orchestrator, secret: text, timeoutMs: spec.timeoutMs };
  }

  #makeGate(): JobGate {
    const { env, secret, spec, ways, refusals } = this.#options;
    return new JobGate({
      clock: env.clock,
      log: env.log,
      secret,
      size: spec.workers,
      relayAllowed: ways.ladder.includes("relay"),
      refusals,
      crew: this.#parts.crew,
      relay: this.#parts.relay,
      currentAttempt: (rank) => currentAttempt(this.#machine.state, rank),
      mayJoin: (rank, attempt) => mayJoin(this.#machine.state, rank, attempt),
      onJoin: (claim, connection) => this.#join(claim, connection),
      onBroken: ({ rank, attempt }, { detail, refused }) => {
        this.#parts.crew.leave(rank);
        this.#fleet.left(rank, attempt, hasFinished(this.#machine.state, rank) ? "finished" : "lost");
        this.#dispatch({ type: "broken", rank, attempt, detail, refused: refused !== undefined });
      },
      onRelayEnd: ({ rank }) => this.#partings.relayEnded(rank),
    });
  }

  #join({ rank, attempt }: ConnectionClaim, connection: ControlConnection): WorkerDesk {
    const { spec, env, ways } = this.#options;
    const { crew, code, record, introductions } = this.#parts;
    crew.join(rank, connection);
    this.#fleet.joined(rank);
    record.joined(rank, env.clock.now());
    const { hash, bytes } = code;
    const known = { hash, bytes: bytes.length };
    connection.send(welcomeMessage(spec, rank, known, connection.observed, ways));
    crew.deliver(introductions.join(rank, attempt));
    this.#dispatch({ type: "joined", rank, attempt });
    return workerDesk({
      parts: this.#parts,
      audience: this.#audience,
      clock: env.clock,
      dispatch: (event) => this.#dispatch(event),
      connection,
    });
  }

  #makeHandle(): JobHandle {
    const { id, env } = this.#options;
    const report = new Promise<JobReport>((resolve) => {
      this.#ended = resolve;
    });
    return {
      id,
      report,
      snapshot: () => this.#parts.record.snapshot(statusOf(this.#machine.state), env.clock.now()),
      subscribe: (listener) => this.#audience.subscribe(listener),
      cancel: (reason) => {
        this.#dispatch({ type: "cancel", reason });
        return report;
      },
    };
  }
}

/** Workers need the reason, not the orchestrator's stack. */
const forTheWire = ({ stack: _, ...error }: ErrorRecord): ErrorRecord => ({
  ...error,
  message: error.message.slice(0, 4096),
});
