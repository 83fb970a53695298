// A job's processes: launches them through the provider, watches their deadlines, and ends them all.
// Nothing that it started outlives `stop`.

import { type ErrorRecord, FnmeshError } from "@fnmesh/core";
import {
  type Clock,
  type Invocation,
  type LaunchedWorker,
  type Log,
  type Provider,
  type Timer,
  toFnmeshError,
  type WorkerExit,
} from "@fnmesh/core/internal";

/** A provider's own time limit is let go first; this is for one that does not keep it. */
const overdueGraceMs = 3000;
/** How long a process that was ended by force may take to be gone. */
const forcedExitMs = 2000;

export interface FleetEvents {
  /** The platform has started it: whatever becomes of it is paid for, until it has ended. */
  billedFrom(rank: number, attempt: number): void;
  billedUntil(rank: number, attempt: number): void;
  launched(rank: number, attempt: number, start: LaunchedWorker["start"]): void;
  launchFailed(rank: number, attempt: number, error: ErrorRecord, retryable: boolean): void;
  /** `again`: the platform may have lost the invocation. */
  joinTimeout(rank: number, attempt: number, afterMs: number, again: boolean): void;
  exited(rank: number, attempt: number, exit: WorkerExit): void;
}

export interface FleetOptions {
  readonly provider: Provider;
  readonly clock: Clock;
  readonly log: Log;
  readonly joinTimeoutMs: number;
  readonly memoryMb: number;
  readonly invocation: (rank: number, attempt: number) => Invocation;
  readonly events: FleetEvents;
}

interface Member {
  readonly attempt: number;
  worker?: LaunchedWorker;
  joined: boolean;
  /** Tells of a worker that did not join in time. */
  silent?: () => void;
  /** While the platform is asked about it, and it may still join. */
  inquiry?: AbortController;
  timer?: Timer;
}

/** What explains why a worker never joined; all else says less than that it did not. */
const explains: ReadonlySet<WorkerExit["kind"]> = new Set(["init-failed", "out-of-memory"]);

export class Fleet {
  readonly #options: FleetOptions;
  /** The current attempt of each rank. */
  readonly #members = new Map<number, Member>();
  /** Every launch that has been asked for, until its process has gone. */
  readonly #underway = new Set<Promise<void>>();
  readonly #running = new Set<LaunchedWorker>();
  readonly #launching = new AbortController();
  #inquiring = false;
  #stopping: Promise<void> | undefined;

  constructor(options: FleetOptions) {
    this.#options = options;
  }

  launch(rank: number, attempt: number): void {
    const member: Member = { attempt, joined: false };
    const { worker: before } = this.#members.get(rank) ?? {};
    // It was given up on: nobody waits for its end any more, and what it still does is refused.
    if (before !== undefined && this.#running.has(before)) void this.#force(before);
    this.#members.set(rank, member);
    const run = this.#run(rank, member).finally(() => this.#underway.delete(run));
    this.#underway.add(run);
  }

  /** It has joined: from now on only its time limit is watched. */
  joined(rank: number): void {
    const member = this.#members.get(rank);
    if (member === undefined) return;
    member.joined = true;
    member.inquiry?.abort(new FnmeshError("CANCELLED", "the worker has joined"));
    this.#watch(rank, member);
  }

  /** Its connection has ended. */
  left(rank: number, attempt: number, how: "finished" | "lost"): void {
    const member = this.#members.get(rank);
    // When all are ended, nobody asks what became of one.
    const told = this.#launching.signal.aborted ? "finished" : how;
    if (member?.attempt === attempt) member.worker?.left?.(told);
  }

  /** Launches no more. Processes have `graceMs` to end by themselves; resolves when none is left. */
  stop(graceMs: number): Promise<void> {
    this.#stopping ??= this.#stop(graceMs);
    return this.#stopping;
  }

  async #run(rank: number, member: Member): Promise<void> {
    const { provider, events, memoryMb } = this.#options;
    const invocation = this.#options.invocation(rank, member.attempt);
    // A queue in the provider counts too: so twice the time that a worker has from launch to join.
    const deadline = new AbortController();
    const timer = this.#timer(2 * this.#options.joinTimeoutMs, () => deadline.abort(launchTooLong(rank)));
    const signal = AbortSignal.any([this.#launching.signal, deadline.signal]);
    try {
      member.worker = await provider.launch({ invocation, memoryMb, signal });
    } catch (thrown) {
      const error = toFnmeshError(thrown, "LAUNCH_FAILED", { rank, attempt: member.attempt });
      if (!this.#launching.signal.aborted) {
        events.launchFailed(rank, member.attempt, error.toRecord(), error.retryable);
      }
      return;
    } finally {
      timer.cancel();
    }
    await this.#accompany(rank, member, member.worker);
  }

  async #accompany(rank: number, member: Member, worker: LaunchedWorker): Promise<void> {
    const { events, log } = this.#options;
    log.debug("launched a worker", { rank, attempt: member.attempt, id: worker.id, start: worker.start });
    this.#running.add(worker);
    events.billedFrom(rank, member.attempt);
    // The job ended while the provider was at it.
    if (this.#launching.signal.aborted) void this.#force(worker);
    else {
      events.launched(rank, member.attempt, worker.start);
      this.#watch(rank, member);
    }
    const exit = await worker.exit;
    this.#running.delete(worker);
    events.billedUntil(rank, member.attempt);
    member.timer?.cancel();
    if (member.silent !== undefined && !explains.has(exit.kind)) member.silent();
    else events.exited(rank, member.attempt, exit);
  }

  /** Starts the clock that a worker is under now: to join, or to be done. */
  #watch(rank: number, member: Member): void {
    const { worker } = member;
    member.timer?.cancel();
    if (worker === undefined) return;
    if (member.joined) this.#awaitEnd(rank, member, worker);
    else this.#awaitJoin(rank, member, worker);
  }

  #awaitEnd(rank: number, member: Member, worker: LaunchedWorker): void {
    const { events, clock } = this.#options;
    const { attempt } = member;
    const { timeoutMs } = this.#options.invocation(rank, attempt);
    member.timer = clock.setTimer(timeoutMs + overdueGraceMs, () => {
      events.exited(rank, attempt, { kind: "timed-out", afterMs: timeoutMs });
      void this.#force(worker);
    });
  }

  #awaitJoin(rank: number, member: Member, worker: LaunchedWorker): void {
    const { joinTimeoutMs, events, clock, provider } = this.#options;
    const { attempt } = member;
    const { silentMs = Infinity, verdictMs } = provider.acceptance ?? {};
    // Only once: a second invocation that does not come is no accident.
    const again = attempt === 0 && silentMs < joinTimeoutMs;
    const waitMs = again ? silentMs : joinTimeoutMs;
    const silent = () => events.joinTimeout(rank, attempt, waitMs, again);
    const giveUp = () => {
      if (again || verdictMs === undefined) return silent();
      // The platform may know why it never came.
      member.silent = silent;
      member.timer = clock.setTimer(verdictMs, () => {
        delete member.silent;
        silent();
      });
      worker.left?.("lost");
    };
    // By then nearly all that start have joined, and the answer has as long to come.
    const askMs = Math.min(silentMs, waitMs) / 2;
    member.timer = clock.setTimer(askMs, () => {
      member.timer = clock.setTimer(waitMs - askMs, giveUp);
      void this.#inquire(rank, member, worker);
    });
  }

  /**
   * Of a worker whose code cannot start the platform may know so long before it is given up. One is asked about at a
   * time: all have the same code, and platforms count such questions.
   */
  async #inquire(rank: number, member: Member, worker: LaunchedWorker): Promise<void> {
    if (worker.inquire === undefined || this.#inquiring) return;
    this.#inquiring = true;
    member.inquiry = new AbortController();
    const exit = await worker.inquire(member.inquiry.signal);
    this.#inquiring = false;
    // It may have come meanwhile, or another attempt of it been launched.
    if (!explains.has(exit.kind) || member.joined || this.#members.get(rank) !== member) return;
    this.#options.events.exited(rank, member.attempt, exit);
  }

  async #stop(graceMs: number): Promise<void> {
    this.#launching.abort(new FnmeshError("CANCELLED", "the job has ended"));
    const gone = Promise.all(this.#underway);
    // Those that have not joined cannot be told that it is over.
    for (const { joined, worker } of this.#members.values()) {
      if (!joined && worker !== undefined && this.#running.has(worker)) void this.#force(worker);
    }
    if (await this.#within(gone, graceMs)) return;
    await Promise.all([...this.#running].map((worker) => this.#force(worker)));
    if (await this.#within(gone, forcedExitMs)) return;
    this.#options.log.error("workers did not end although they were stopped", { count: this.#underway.size });
  }

  async #force(worker: LaunchedWorker): Promise<void> {
    try {
      await this.#within(worker.stop(), forcedExitMs);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      this.#options.log.error("a worker could not be stopped", { id: worker.id, detail });
    }
  }

  /** Whether `work` was done within the time. */
  async #within(work: Promise<unknown>, ms: number): Promise<boolean> {
    let timer: Timer | undefined;
    const late = new Promise<false>((resolve) => {
      timer = this.#timer(ms, () => resolve(false));
    });
    try {
      return await Promise.race([work.then(() => true), late]);
    } finally {
      timer?.cancel();
    }
  }

  #timer(ms: number, callback: () => void): Timer {
    return this.#options.clock.setTimer(ms, callback);
  }
}

const launchTooLong = (rank: number) =>
  new FnmeshError("LAUNCH_FAILED", `the provider did not launch worker ${rank} in time`, { rank });
