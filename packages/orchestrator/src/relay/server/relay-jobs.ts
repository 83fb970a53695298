// The jobs that a relay process serves: a room for each, and the keys of the workers that may enter it.

import type { TLSSocket } from "node:tls";
import type { Log } from "@fnmesh/core/internal";
import { type ConnectionIdentity, connectionIdentity } from "@fnmesh/core/protocol";
import type { ConnectionClaim, Door } from "../../rendezvous/door.ts";
import { RelayRoom } from "../relay-room.ts";

/** What the orchestrator says of a worker that may come in. */
export interface Admitted {
  readonly key: Uint8Array;
  /** Of its job. */
  readonly size: number;
}

export interface RelayJobsOptions {
  readonly log: Log;
  readonly onUndeliverable: (job: string, from: number, to: number) => void;
}

interface Job {
  /** Its workers. */
  readonly size: number;
  readonly room: RelayRoom;
  /** By identity. */
  readonly keys: Map<string, Uint8Array>;
}

export class RelayJobs implements Door {
  readonly #options: RelayJobsOptions;
  readonly #jobs = new Map<string, Job>();
  #bytesOfForgotten = 0;

  constructor(options: RelayJobsOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#jobs.keys()];
  }

  get connections(): number {
    return this.#sum(({ connections }) => connections);
  }

  get relayedBytes(): number {
    return this.#bytesOfForgotten + this.#sum(({ relayedBytes }) => relayedBytes);
  }

  knows(worker: ConnectionIdentity): boolean {
    return this.#jobs.get(worker.job)?.keys.has(connectionIdentity("relay", worker)) ?? false;
  }

  admit(worker: ConnectionIdentity, { key, size }: Admitted): void {
    const { job } = worker;
    const known = this.#jobs.get(job) ?? { size, room: this.#roomFor(job, size), keys: new Map() };
    known.keys.set(connectionIdentity("relay", worker), key);
    this.#jobs.set(job, known);
  }

  keyOf(claim: ConnectionClaim): ReturnType<Door["keyOf"]> {
    const key = this.#jobs.get(claim.job)?.keys.get(connectionIdentity(claim.purpose, claim));
    return key === undefined ? { refused: "unknown-job" } : { key };
  }

  enter({ job, rank, attempt }: ConnectionClaim, socket: TLSSocket): void {
    const room = this.#jobs.get(job)?.room;
    if (room === undefined) return void socket.destroy();
    void room.enter(rank, socket).then((ending) => {
      const detail = ending === "duplicate" ? "a second connection" : ending.detail;
      this.#options.log.debug("a worker's connection has ended", { job, rank, attempt, detail });
    });
  }

  expectedWorkers(): number {
    return [...this.#jobs.values()].reduce((sum, { size, room }) => sum + size - room.connections, 0);
  }

  /** The job is over: its connections end. May be called twice. */
  forget(name: string): void {
    const job = this.#jobs.get(name);
    if (job === undefined) return;
    this.#jobs.delete(name);
    this.#bytesOfForgotten += job.room.relayedBytes;
    job.room.close();
  }

  close(): void {
    for (const name of this.names) this.forget(name);
  }

  #roomFor(job: string, size: number): RelayRoom {
    return new RelayRoom({
      size,
      onUndeliverable: (from, to) => this.#options.onUndeliverable(job, from, to),
    });
  }

  #sum(count: (room: RelayRoom) => number): number {
    return [...this.#jobs.values()].reduce((sum, { room }) => sum + count(room), 0);
  }
}
