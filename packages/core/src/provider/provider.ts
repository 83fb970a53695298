// The seam between the orchestrator and a platform that starts workers. A provider knows how to start a function
// and what became of it; it knows nothing of jobs, ranks' connections or the wire.

import type { ErrorRecord } from "../errors/errors.ts";

/** What a worker gets at its start: small enough for any platform's payload limit. Holds the job's secret. */
export interface Invocation {
  readonly version: 1;
  readonly job: string;
  readonly rank: number;
  readonly attempt: number;
  /** The orchestrator's addresses. `observePort` is a second port on the same host, for NAT classification. */
  readonly orchestrator: { readonly host: string; readonly port: number; readonly observePort: number };
  /** 32 bytes, base64url. Never logged, never in argv or environment. */
  readonly secret: string;
  /** The function's own limit, counted from its start. */
  readonly timeoutMs: number;
}

export interface LaunchRequest {
  readonly invocation: Invocation;
  readonly memoryMb: number;
  readonly signal: AbortSignal;
}

/** What became of an invocation, as far as the platform can tell. */
export type WorkerExit =
  | { readonly kind: "completed" }
  | { readonly kind: "timed-out"; readonly afterMs: number }
  | { readonly kind: "out-of-memory"; readonly limitMb: number }
  | { readonly kind: "stopped" }
  /** The function's code did not load: another try would end the same way. */
  | { readonly kind: "init-failed"; readonly detail: string }
  | { readonly kind: "crashed"; readonly detail: string; readonly error?: ErrorRecord };

export interface LaunchedWorker {
  /** Names the container in logs (a process id, a request id). */
  readonly id: string;
  /** Undefined where the platform does not say. */
  readonly start: "cold" | "warm" | undefined;
  /** Never rejects. Of a provider with an `acceptance`, not before `left` or `stop` is called. */
  readonly exit: Promise<WorkerExit>;
  /**
   * The worker's connection to the orchestrator has ended: a platform that says nothing by itself is asked now what
   * became of a lost one. May be called twice; does nothing where the platform tells of every end.
   */
  left?(how: "finished" | "lost"): void;
  /**
   * What the platform knows by now of a worker that has not joined, and may still do so; it is not ended by the question.
   * Never rejects. Absent where the platform tells of every end.
   */
  inquire?(signal: AbortSignal): Promise<WorkerExit>;
  /** Ends the invocation by force where the platform can. May be called twice. */
  stop(): Promise<void>;
}

export interface ProviderLimits {
  readonly memoryMb: { readonly least: number; readonly most: number; readonly preset: number };
  readonly timeoutMs: { readonly most: number; readonly preset: number };
  readonly workers: number;
}

/** What is known of the network that a platform's functions are in. */
export interface ProviderNetwork {
  /** Whether two functions get through to each other by hole punching. `unknown`: they try. */
  readonly punching: "works" | "fails" | "unknown";
  /** Whether a function can be dialled at an address of its own. */
  readonly inbound: boolean;
  /** Whether several functions may be seen under one address. */
  readonly sharedAddress: boolean;
  /** One sentence for the person who asks why, with its source. */
  readonly because: string;
}

/**
 * Of a platform that takes an invocation and tells nothing more by itself: what it has taken may never start, start
 * twice, or end unseen.
 */
export interface Acceptance {
  /** A worker that has not joined by then is given up, and another attempt is launched. */
  readonly silentMs: number;
  /** How long the platform's word on a lost worker may take, once it is asked. */
  readonly verdictMs: number;
}

/**
 * A platform that starts workers.
 *
 * @example
 * const provider = localProvider({ entry });
 * const worker = await provider.launch({ invocation, memoryMb: 512, signal });
 * console.log(await worker.exit); // { kind: "completed" }
 */
export interface Provider {
  readonly name: string;
  readonly limits: ProviderLimits;
  /** Absent: nothing is known, and workers try. */
  readonly network?: ProviderNetwork;
  /** Absent: the platform tells of every end. */
  readonly acceptance?: Acceptance;
  /**
   * Whose prices a run here is billed at, as the table of prices names them: `aws-arm64`. Absent: nobody's, as on the
   * operator's own machines; a run is compared with some platform then.
   */
  readonly pricedAs?: string;
  /** What a function was deployed with, and is billed for, however little its job asks for. Absent: what the job asks. */
  readonly deployedMb?: number;
  /** Rejects with LAUNCH_FAILED or PROVIDER_UNAVAILABLE. */
  launch(request: LaunchRequest): Promise<LaunchedWorker>;
  /** Ends every container that this provider started. May be called twice. */
  close(): Promise<void>;
}
