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
  | { readonly kind: "crashed"; readonly detail: string; readonly error?: ErrorRecord };

export interface LaunchedWorker {
  /** Names the container in logs (a process id, a request id). */
  readonly id: string;
  readonly start: "cold" | "warm";
  /** Never rejects. */
  readonly exit: Promise<WorkerExit>;
  /** Ends the invocation by force where the platform can. May be called twice. */
  stop(): Promise<void>;
}

export interface ProviderLimits {
  readonly memoryMb: { readonly least: number; readonly most: number; readonly preset: number };
  readonly timeoutMs: { readonly most: number; readonly preset: number };
  readonly workers: number;
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
  /** Rejects with LAUNCH_FAILED or PROVIDER_UNAVAILABLE. */
  launch(request: LaunchRequest): Promise<LaunchedWorker>;
  /** Ends every container that this provider started. May be called twice. */
  close(): Promise<void>;
}
