// The orchestrator's face: what the CLI, the API and tests hold in their hands.

import type { Env, Provider, StoreKeeper } from "@fnmesh/core/internal";
import type { Rung, StoreRung } from "@fnmesh/core/protocol";
import type { PriceTable } from "./cost/tariff.ts";
import type { JobHandle, JobSpec } from "./jobs/job.ts";
import type { Policy, WayFacts } from "./routing/policy.ts";

export interface OrchestratorOptions {
  readonly env: Env;
  readonly providers: readonly Provider[];
  /** Where workers dial. Default: loopback, any free port. */
  readonly listen?: { readonly host?: string; readonly port?: number; readonly observePort?: number };
  /** The address or name that workers dial, when it differs from the address listened on. */
  readonly advertise?: string;
  /**
   * The networks of the balancers through which all workers come, such as `["10.0.0.0/16"]`: each connection begins with
   * a PROXY protocol header, and where a worker is seen is what that says. Default: workers come directly.
   */
  readonly proxies?: readonly string[];
  /** The stores that jobs may use, by rung: what a worker needs to know of them, credentials included. */
  readonly stores?: Readonly<Partial<Record<StoreRung, unknown>>>;
  /** What relay processes (`startRelay`) prove that they know, 16 characters or more. Without it none may register. */
  readonly relayToken?: string;
  /** Which ways a pair tries, in which order. Default: see docs/ARCHITECTURE.md. */
  readonly policy?: Policy;
  /** What is known of the ways beside that: latency and prices, which the policy may go by. */
  readonly wayFacts?: Readonly<Partial<Record<Rung, WayFacts>>>;
  /** What runs are priced by, as `resolvePrices` of `@fnmesh/orchestrator/cost` gives it. Default: the table that ships. */
  readonly prices?: PriceTable;
  /** The platform that jobs are priced as which do not name one. Default: their provider's, or `aws`. */
  readonly priceAs?: string;
  /** What leases and cleans those stores; whoever made them closes them, after the orchestrator. */
  readonly keepers?: readonly StoreKeeper[];
  /** Where crashes can be made good. Absent: only by the stores' own leases. */
  readonly storeLedger?: {
    /** Directory in which all orchestrators of this user on this machine keep theirs. */
    readonly parent: string;
    /** Where each store is, in words that hold no secret: what crashed jobs have left is swept in the same place. */
    readonly places: Readonly<Partial<Record<StoreRung, string>>>;
  };
  /** How long a worker may take from launch to join. Default 60 s. */
  readonly joinTimeoutMs?: number;
}

/** Counts for metrics: what is open now, and what came since the start. */
export interface OrchestratorStats {
  /** Open now; `pending` are those that have not yet proved who they are. */
  readonly connections: { readonly pending: number; readonly control: number; readonly relay: number };
  /** Connections turned away since the start, by reason (`auth`, `handshake-timeout`, …). */
  readonly refused: Readonly<Record<string, number>>;
  /** Relay processes that are registered now. */
  readonly relays: number;
  /** Bytes of peer frames that the relays have passed on since the start, the orchestrator's own among them. */
  readonly relayedBytes: number;
}

/** What a job may ask of an orchestrator. */
export interface Offers {
  readonly providers: readonly Pick<Provider, "name" | "limits" | "network">[];
  /** The stores that are set up. */
  readonly stores: readonly StoreRung[];
}

export interface Orchestrator {
  readonly offers: Offers;
  readonly address: { readonly host: string; readonly port: number; readonly observePort: number };
  /** Throws LIMIT, UNKNOWN_PROVIDER or INVALID_ARGUMENT before anything is started. */
  submit(spec: JobSpec): JobHandle;
  jobs(): readonly JobHandle[];
  job(id: string): JobHandle | undefined;
  /** Calls `listener` with each job submitted from now on. Returns the unsubscriber. */
  onSubmit(listener: (job: JobHandle) => void): () => void;
  stats(): OrchestratorStats;
  /** Takes no more jobs, waits for the running ones until `signal`, then cancels them and closes. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Cancels what runs and closes all sockets. May be called twice. */
  close(): Promise<void>;
}
