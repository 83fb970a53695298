// A relay as a process of its own: takes workers' relay connections, lets the orchestrator say who they are, and
// passes their frames on. Nothing of a job is kept but what is under way.

import { FnmeshError } from "@fnmesh/core";
import type { Endpoint, Env, Timer } from "@fnmesh/core/internal";
import { reachable } from "../../rendezvous/address.ts";
import { listenForWorkers, type Rendezvous } from "../../rendezvous/listener.ts";
import { Refusals } from "../../rendezvous/refusals.ts";
import { leastTokenCharacters } from "../registration.ts";
import { peekIdentity } from "./peek-identity.ts";
import { Registrar } from "./registrar.ts";
import { RelayJobs } from "./relay-jobs.ts";

/** While the orchestrator is gone its jobs go on for so long; workers that lose it end by themselves, and sooner. */
const orphanedMs = 10 * 60_000;
const idCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

export interface RelayServerOptions {
  readonly env: Env;
  /** Its rendezvous port. */
  readonly orchestrator: Endpoint;
  /** The orchestrator's `relayToken`. */
  readonly token: string;
  /** Where workers dial. Default: loopback, any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number };
  /** The address that workers are told, when it differs from the one listened on. */
  readonly advertise?: string;
}

export interface RelayServer {
  readonly id: string;
  readonly address: Endpoint;
  /** Resolves when the orchestrator knows it for the first time. Rejects with AUTH, or CLOSED when it is closed before. */
  readonly registered: Promise<void>;
  readonly relayedBytes: number;
  /** Leaves the orchestrator's pool and ends all connections: pairs take another way. May be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a relay. It registers, and registers again whenever the orchestrator was lost, until it is closed. Rejects
 * with PORT_IN_USE or INVALID_ARGUMENT; nothing is left open then.
 *
 * @example
 * const relay = await startRelay({ env: nodeEnv(), orchestrator: { host: "192.0.2.1", port: 7420 }, token });
 * await relay.registered;
 */
export async function startRelay(options: RelayServerOptions): Promise<RelayServer> {
  const { env, orchestrator, token, listen = {}, advertise } = options;
  if (token.length < leastTokenCharacters) throw shortToken();
  const host = listen.host ?? "127.0.0.1";
  const jobs: RelayJobs = new RelayJobs({
    log: env.log,
    onUndeliverable: (job, from, to) => registrar?.undeliverable(job, from, to),
  });
  let registrar: Registrar | undefined;
  const rendezvous = await listenForWorkers({
    ...{ env, host, port: listen.port ?? 0, door: jobs, refusals: new Refusals() },
    prepare: async (socket, signal) => {
      const worker = await peekIdentity(socket, signal);
      if (worker?.purpose !== "relay" || jobs.knows(worker)) return;
      const admitted = await registrar?.keyOf(worker, signal);
      if (admitted !== undefined) jobs.admit(worker, admitted);
    },
  });
  const id = Array.from({ length: 12 }, () => idCharacters[env.random.int(0, idCharacters.length)]).join("");
  const address = { host: advertise ?? reachable(host, env.net), port: rendezvous.port };
  const presence = new Presence(env, jobs);
  registrar = new Registrar({
    ...{ env, id, token, orchestrator, address, events: presence },
    load: () => ({ jobs: jobs.names, connections: jobs.connections, relayedBytes: jobs.relayedBytes }),
  });
  return facade({ id, address, jobs, rendezvous, registrar, presence });
}

/** What the registration's ups and downs mean for the jobs. */
class Presence {
  readonly registered: Promise<void>;
  readonly #env: Env;
  readonly #jobs: RelayJobs;
  #settle!: { resolve(): void; reject(error: FnmeshError): void };
  #orphaned: Timer | undefined;

  constructor(env: Env, jobs: RelayJobs) {
    this.#env = env;
    this.#jobs = jobs;
    this.registered = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.registered.catch(() => {}); // Who does not ask is told by nobody: the log has it.
  }

  onRegistered(): void {
    this.#orphaned?.cancel();
    this.#env.log.info("registered with the orchestrator");
    this.#settle.resolve();
  }

  onLost(why: string): void {
    this.#env.log.warn("the orchestrator is gone; what is known of its jobs is passed on", { why });
    this.#orphaned?.cancel();
    this.#orphaned = this.#env.clock.setTimer(orphanedMs, () => this.#jobs.close());
  }

  onForget(job: string): void {
    this.#jobs.forget(job);
  }

  onRefused(error: FnmeshError): void {
    this.#env.log.error(error.message);
    this.#settle.reject(error);
  }

  close(): void {
    this.#orphaned?.cancel();
    this.#settle.reject(new FnmeshError("CLOSED", "the relay was closed"));
  }
}

interface Parts extends Pick<RelayServer, "id" | "address"> {
  readonly jobs: RelayJobs;
  readonly rendezvous: Rendezvous;
  readonly registrar: Registrar;
  readonly presence: Presence;
}

function facade({ id, address, jobs, rendezvous, registrar, presence }: Parts): RelayServer {
  let closing: Promise<void> | undefined;
  return {
    id,
    address,
    registered: presence.registered,
    get relayedBytes() {
      return jobs.relayedBytes;
    },
    close: () => {
      closing ??= (async () => {
        registrar.close();
        presence.close();
        jobs.close();
        await rendezvous.close();
      })();
      return closing;
    },
  };
}

const shortToken = () =>
  new FnmeshError("INVALID_ARGUMENT", `the relay token has less than ${leastTokenCharacters} characters`, {
    hint: "Make one for the orchestrator and its relays: openssl rand -base64 24",
  });
