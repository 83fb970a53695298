// All jobs of this orchestrator: takes them, starts them when there is room, keeps the last ones' reports.

import type { TLSSocket } from "node:tls";
import { FnmeshError } from "@fnmesh/core";
import type { Endpoint, Env, Invocation, Provider } from "@fnmesh/core/internal";
import type { Identity } from "@fnmesh/core/protocol";
import type { Pricing } from "../cost/pricing.ts";
import type { RelayedJobs } from "../relay/pool/relay-desk.ts";
import type { RelayPool } from "../relay/pool/relay-pool.ts";
import type { ConnectionClaim, Door } from "../rendezvous/door.ts";
import type { Refusals } from "../rendezvous/refusals.ts";
import type { PairRoutesOptions } from "../routing/pair-routes.ts";
import type { Policy } from "../routing/policy.ts";
import type { StoreRoom } from "../stores/job-stores.ts";
import { checkSpec } from "./check-spec.ts";
import { endedJob } from "./ended-job.ts";
import type { JobHandle, JobReport, JobSpec } from "./job.ts";
import { newJobId, secretBytes } from "./job-id.ts";
import { nextToStart } from "./job-queue.ts";
import { JobRunner } from "./job-runner.ts";
import type { Ways } from "./welcome.ts";

/** Jobs that have ended stay to be looked at, so many of them. */
const mostEndedJobs = 100;

export interface JobBoardOptions {
  readonly env: Env;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly joinTimeoutMs: number;
  readonly refusals: Refusals;
  readonly stores: Ways["stores"];
  readonly policy: Policy;
  /** What is known of the ways, for the policy. */
  readonly wayFacts: PairRoutesOptions["ways"];
  readonly pool: RelayPool;
  readonly pricing: Pricing;
  readonly onEnded: (job: string) => void;
  readonly storeRoom: StoreRoom;
}

interface Running {
  readonly id: string;
  readonly provider: string;
  readonly workers: number;
  readonly runner: JobRunner;
}

export class JobBoard implements Door, RelayedJobs {
  readonly #options: JobBoardOptions;
  readonly #handles = new Map<string, JobHandle>();
  readonly #queued = new Map<string, Running>();
  readonly #running = new Map<string, Running>();
  readonly #listeners = new Set<(job: JobHandle) => void>();
  #relayedBytesOfEnded = 0;
  #closed = false;

  constructor(options: JobBoardOptions) {
    this.#options = options;
  }

  /** Throws LIMIT, UNKNOWN_PROVIDER, INVALID_ARGUMENT, or ORCHESTRATOR_UNAVAILABLE when no more jobs are taken. */
  submit(spec: JobSpec, orchestrator: Invocation["orchestrator"]): JobHandle {
    const { env, providers, joinTimeoutMs, refusals } = this.#options;
    const { stores, storeRoom, pricing, policy, wayFacts, pool } = this.#options;
    if (this.#closed) {
      throw new FnmeshError("ORCHESTRATOR_UNAVAILABLE", "the orchestrator takes no more jobs", {
        hint: "It is being shut down; submit to another one, or when it is back.",
      });
    }
    const { provider, ways, pricedAs } = checkSpec(spec, providers, stores, pricing);
    const id = newJobId(env.random);
    const secret = env.random.bytes(secretBytes);
    const routing = { policy, ways: wayFacts, relays: pool.forJob() };
    const runner = new JobRunner({
      ...{ routing, id, secret, spec, ways, pricedAs, storeRoom },
      ...{ env, provider, orchestrator, joinTimeoutMs, refusals },
    });
    this.#handles.set(id, runner.handle);
    this.#queued.set(id, { id, provider: spec.provider, workers: spec.workers, runner });
    void runner.handle.report.then((report) => this.#ended(id, report));
    const { name, workers } = spec;
    env.log.info("job submitted", { job: id, name, workers, provider: spec.provider });
    for (const listener of this.#listeners) this.#tell(listener, runner.handle);
    this.#startNext();
    return runner.handle;
  }

  handles(): readonly JobHandle[] {
    return [...this.#handles.values()];
  }

  handle(id: string): JobHandle | undefined {
    return this.#handles.get(id);
  }

  onSubmit(listener: (job: JobHandle) => void): () => void {
    const own = (job: JobHandle) => listener(job);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  keyOf(claim: ConnectionClaim): ReturnType<Door["keyOf"]> {
    return this.#running.get(claim.job)?.runner.gate.keyOf(claim) ?? { refused: "unknown-job" };
  }

  relayKey(worker: Identity): ReturnType<RelayedJobs["relayKey"]> {
    const job = this.#running.get(worker.job);
    const answer = job?.runner.gate.keyOf({ ...worker, purpose: "relay" }) ?? { refused: "unknown-job" };
    return "key" in answer ? { key: answer.key, size: job!.workers } : answer;
  }

  isRunning(job: string): boolean {
    return this.#running.has(job);
  }

  undeliverable(job: string, from: number, to: number): void {
    this.#running.get(job)?.runner.undeliverable(from, to);
  }

  relayGone(relay: string, reason: string): void {
    for (const { runner } of this.#running.values()) runner.relayGone(relay, reason);
  }

  enter(claim: ConnectionClaim, socket: TLSSocket, observed: Endpoint): void {
    const runner = this.#running.get(claim.job)?.runner;
    if (runner === undefined) socket.destroy();
    else runner.gate.enter(claim, socket, observed);
  }

  expectedWorkers(): number {
    return this.#sum(({ expectedWorkers }) => expectedWorkers);
  }

  counts(): { readonly control: number; readonly relay: number; readonly relayedBytes: number } {
    return {
      control: this.#sum(({ controlConnections }) => controlConnections),
      relay: this.#sum(({ relayConnections }) => relayConnections),
      relayedBytes: this.#relayedBytesOfEnded + this.#sum(({ relayedBytes }) => relayedBytes),
    };
  }

  /** No more jobs. Resolves when those taken have ended. */
  async finish(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#unfinished().map(({ runner }) => runner.handle.report));
  }

  /** No more jobs, and those taken are cancelled. Resolves when nothing of them runs. */
  async cancelAll(reason: string): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#unfinished().map(({ runner }) => runner.handle.cancel(reason)));
  }

  #unfinished(): Running[] {
    return [...this.#queued.values(), ...this.#running.values()];
  }

  #startNext(): void {
    const { providers } = this.#options;
    const busy = new Map<string, number>();
    for (const { provider, workers } of this.#running.values()) {
      busy.set(provider, (busy.get(provider) ?? 0) + workers);
    }
    const room = (provider: string) => providers.get(provider)?.limits.workers ?? 0;
    for (const job of nextToStart([...this.#queued.values()], busy, room)) {
      this.#queued.delete(job.id);
      this.#running.set(job.id, job);
      job.runner.start();
    }
  }

  #ended(id: string, report: JobReport): void {
    const { status } = report.job;
    this.#options.env.log.info("job ended", { job: id, status, error: report.error?.code });
    const handle = this.#handles.get(id);
    if (handle !== undefined) this.#handles.set(id, endedJob(handle.snapshot(), report));
    this.#relayedBytesOfEnded += this.#running.get(id)?.runner.relayedBytes ?? 0;
    this.#running.delete(id);
    this.#queued.delete(id);
    const ended = [...this.#handles.keys()].filter(
      (key) => !this.#running.has(key) && !this.#queued.has(key),
    );
    for (const oldest of ended.slice(0, Math.max(0, ended.length - mostEndedJobs))) {
      this.#handles.delete(oldest);
    }
    this.#options.onEnded(id);
    this.#startNext();
  }

  #sum(count: (runner: JobRunner) => number): number {
    return [...this.#running.values()].reduce((sum, { runner }) => sum + count(runner), 0);
  }

  #tell(listener: (job: JobHandle) => void, job: JobHandle): void {
    try {
      listener(job);
    } catch (error) {
      // A watcher's defect must not touch the job.
      this.#options.env.log.error("a watcher of new jobs failed", {
        detail: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
