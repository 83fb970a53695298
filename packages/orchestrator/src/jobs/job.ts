// A job as the orchestrator takes it, tells of it and reports it. Pure data; the report is the CLI's --json document.

import type { ErrorRecord, LogLevel, PathName } from "@fnmesh/core";
import type { MappingGuess, SourceName, SourcePlace, StoreUsage } from "@fnmesh/core/internal";
import type { RunCost } from "../cost/ledger.ts";

/** One part of the input: a whole file, or a range of it whose borders are line borders. */
export interface InputPart {
  /** What the worker sees as the split's name. */
  readonly name: string;
  readonly bytes: number;
  /** Reads `length` bytes at `offset` of this part. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Where a worker reads this part by itself: in the source that the name's scheme says. Absent: through `read`. */
  readonly at?: SourcePlace;
}

export interface JobSpec {
  readonly name: string;
  /** The job's module, bundled: one ES module as text. */
  readonly code: string;
  /** Modules that go with the code and apart from it: a worker gets one when it asks for it, by its hash. */
  readonly modules?: readonly string[];
  readonly workers: number;
  /** A provider's name. */
  readonly provider: string;
  /** What stands between the workers, for the report: a NAT profile's name, or the provider's own network. */
  readonly nat: string;
  /** As the user asked for it: `auto`, one way, or several, separated by commas. For the report. */
  readonly channel: string;
  readonly encrypt: boolean;
  /** The platform at whose prices the run is shown. Default: the orchestrator's preset. */
  readonly priceAs?: string | undefined;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly params: Readonly<Record<string, string>>;
  /** Input parts by rank: `input[rank]` belongs to that worker. */
  readonly input: readonly (readonly InputPart[])[];
  /** By source, what a worker needs to know of it to read its parts there, credentials included. */
  readonly sources?: Readonly<Partial<Record<SourceName, unknown>>>;
  /** What the orchestrator's side has asked of sources for this input; it is counted on. For the bill. */
  readonly inputUsage?: StoreUsage;
  /** Where the output goes, all or nothing; absent: the output is dropped. */
  readonly output?: OutputSink;
}

/** Takes every worker's output, and makes it visible by one commit. */
export interface OutputSink {
  write(rank: number, bytes: Uint8Array): Promise<void>;
  /** The parts, in the order of ranks, become the output. */
  commit(): Promise<void>;
  /** Nothing becomes visible, nothing stays behind. May be called after commit: then it does nothing. */
  discard(): Promise<void>;
}

export type JobStatus = "queued" | "launching" | "running" | "succeeded" | "failed" | "cancelled";

export interface StageReport {
  readonly name: string;
  readonly tasks: number;
  readonly retries: number;
  /** From the first worker's begin to the last worker's end. */
  readonly ms: number;
}

/** The way that a pair's messages took last. */
export interface PairPath {
  /** The lower one first. */
  readonly ranks: readonly [low: number, high: number];
  readonly path: PathName;
  /** When it took this path: milliseconds since the job was submitted. */
  readonly atMs: number;
  /** Why it is not direct. */
  readonly reason?: string;
}

export interface Emitted {
  readonly rank: number;
  /** JSON. */
  readonly value: unknown;
}

export interface JobReport {
  readonly job: {
    readonly id: string;
    readonly name: string;
    readonly status: "succeeded" | "failed" | "cancelled";
    readonly workers: number;
    readonly provider: string;
    readonly nat: string;
    readonly channel: string;
    readonly encrypted: boolean;
  };
  /** wall: submit to end. launch: submit to the last join. connect: first connection asked for to last one made. run: last join to end. */
  readonly timing: {
    readonly wallMs: number;
    readonly launchMs: number;
    readonly connectMs: number;
    readonly runMs: number;
  };
  /** Unordered pairs that carried at least one message, each once, by the path that it took last. */
  readonly pairs: {
    readonly direct: number;
    readonly relay: number;
    readonly redis: number;
    readonly memcached: number;
    readonly s3: number;
  };
  /** The same pairs one by one, in the order of ranks. */
  readonly paths: readonly PairPath[];
  /** By rank, how each worker's NAT maps its ports, as far as that was seen: RFC 4787, section 4.1. */
  readonly mappings: readonly MappingGuess[];
  /** Payload bytes, by the path that carried them. */
  readonly bytes: { readonly direct: number; readonly relay: number; readonly store: number };
  readonly stages: readonly StageReport[];
  /** What the run comes to at the prices of `cost.platform`: docs/COST.md says what is counted. */
  readonly cost: RunCost;
  /** What workers have emitted, in the order in which it came; of a job that failed, too. */
  readonly emitted: readonly Emitted[];
  readonly error: ErrorRecord | null;
  /** What rank 0's `run` returned. */
  readonly result: unknown;
}

/** A live picture of a job, the same that the event stream and the terminal show. */
export interface JobSnapshot {
  readonly id: string;
  readonly name: string;
  readonly status: JobStatus;
  readonly workers: {
    readonly total: number;
    readonly launched: number;
    readonly joined: number;
    readonly finished: number;
  };
  readonly stages: readonly (StageReport & { readonly running: number; readonly progress: number })[];
  readonly pairs: JobReport["pairs"];
  readonly bytes: JobReport["bytes"];
  /** What it has come to so far. */
  readonly cost: Omit<RunCost, "lines" | "unpriced">;
  readonly elapsedMs: number;
}

export type JobEvent =
  | { readonly type: "snapshot"; readonly snapshot: JobSnapshot }
  | { readonly type: "log"; readonly rank: number; readonly level: LogLevel; readonly message: string }
  | { readonly type: "emit"; readonly rank: number; readonly value: unknown }
  | { readonly type: "end"; readonly report: JobReport };

export interface JobHandle {
  readonly id: string;
  snapshot(): JobSnapshot;
  /** Events from now on, "snapshot" at most ten times a second; the last one is "end". Returns the unsubscriber. */
  subscribe(listener: (event: JobEvent) => void): () => void;
  /** Never rejects: a failed job has a report too. */
  readonly report: Promise<JobReport>;
  /** Ends the job as cancelled. Resolves with the report, when nothing of it runs any more. */
  cancel(reason: string): Promise<JobReport>;
}
