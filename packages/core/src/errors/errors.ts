// Every error that a user can meet: one class, a stable code, a hint for the person who reads it.
// A job is bundled apart from the runtime that executes it, so the class is recognised by a brand and
// not by identity: `instanceof` works across the two copies.

export type ErrorCode =
  // What the user gave
  | "USAGE"
  | "INPUT_NOT_FOUND"
  | "INPUT_UNREADABLE"
  | "OUTPUT_UNWRITABLE"
  | "JOB_NOT_FOUND"
  | "JOB_COMPILE"
  | "JOB_INVALID"
  | "LIMIT"
  | "UNKNOWN_NAT_PROFILE"
  | "UNKNOWN_PROVIDER"
  | "UNKNOWN_CHANNEL"
  | "INVALID_ARGUMENT"
  // What it runs on
  | "PORT_IN_USE"
  | "ORCHESTRATOR_UNAVAILABLE"
  | "PROVIDER_UNAVAILABLE"
  | "LAB_UNAVAILABLE"
  | "LAB_SELF_TEST"
  // Platforms
  | "NOT_DEPLOYED"
  | "DEPLOY_FAILED"
  | "PLATFORM_AUTH"
  | "THROTTLED"
  | "INIT_FAILED"
  // Workers and jobs
  | "LAUNCH_FAILED"
  | "JOIN_TIMEOUT"
  | "JOB_THREW"
  | "WORKER_LOST"
  | "WORKER_TIMEOUT"
  | "OUT_OF_MEMORY"
  | "CANCELLED"
  // Stores
  | "STORE_UNAVAILABLE"
  | "STORE_AUTH"
  | "STORE_FULL"
  | "STORE_LOST"
  // Peers and channels
  | "PEER_LOST"
  | "PEER_FINISHED"
  | "NO_PATH"
  | "DEADLINE"
  | "CLOSED"
  | "MESSAGE_TOO_LARGE"
  | "NOT_SERIALIZABLE"
  // The wire
  | "PROTOCOL"
  | "FRAME_TOO_LARGE"
  | "TRUNCATED"
  | "VERSION"
  | "AUTH"
  | "DUPLICATE"
  // A defect of fnmesh itself
  | "INTERNAL";

/** Codes whose cause may be gone at a second try, with a new attempt. */
const retryableCodes: ReadonlySet<ErrorCode> = new Set([
  "LAUNCH_FAILED",
  "JOIN_TIMEOUT",
  "WORKER_LOST",
  "PEER_LOST",
  "ORCHESTRATOR_UNAVAILABLE",
  "PROVIDER_UNAVAILABLE",
  "THROTTLED",
]);

export interface ErrorDetails {
  readonly cause?: unknown;
  /** What the person can do about it, as one sentence. */
  readonly hint?: string;
  /** The worker that the error concerns. */
  readonly rank?: number;
  readonly attempt?: number;
}

/** The form in which an error crosses the wire and appears in reports. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint?: string;
  readonly rank?: number;
  readonly attempt?: number;
  readonly stack?: string;
}

const brand = Symbol.for("fnmesh.error");

/** What the wire takes of a text: an error must arrive even if what was thrown drags a whole file along. */
const mostRecordChars = { message: 16_384, hint: 4096, stack: 32_768 } as const;

const clip = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/**
 * The one error class of fnmesh. Switch on `code`; show `message` and `hint`.
 *
 * @example
 * try { await worker.peers.receive({ from: 3 }) }
 * catch (error) { if (error instanceof FnmeshError && error.code === "PEER_LOST") … }
 */
export class FnmeshError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly rank: number | undefined;
  readonly attempt: number | undefined;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "FnmeshError";
    this.code = code;
    this.hint = details.hint;
    this.rank = details.rank;
    this.attempt = details.attempt;
    this.retryable = retryableCodes.has(code);
    Object.defineProperty(this, brand, { value: true });
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value;
  }

  toRecord(): ErrorRecord {
    return {
      code: this.code,
      message: clip(this.message, mostRecordChars.message),
      ...(this.hint === undefined ? {} : { hint: clip(this.hint, mostRecordChars.hint) }),
      ...(this.rank === undefined ? {} : { rank: this.rank }),
      ...(this.attempt === undefined ? {} : { attempt: this.attempt }),
      ...(this.stack === undefined ? {} : { stack: clip(this.stack, mostRecordChars.stack) }),
    };
  }

  static fromRecord(record: ErrorRecord): FnmeshError {
    const error = new FnmeshError(record.code, record.message, record);
    if (record.stack !== undefined) error.stack = record.stack;
    return error;
  }
}

/** What came over the wire breaks its rules. */
export const protocolError = (message: string, cause?: unknown): FnmeshError =>
  new FnmeshError("PROTOCOL", message, { cause });

function describe(thrown: unknown): string {
  try {
    return String(thrown);
  } catch {
    // An object without a prototype, or one whose toString throws: there is no text to be had.
    return `something of type ${typeof thrown} that has no text`;
  }
}

/** Anything thrown, as a FnmeshError; `code` is used for what is not one already. */
export function toFnmeshError(thrown: unknown, code: ErrorCode, details: ErrorDetails = {}): FnmeshError {
  if (thrown instanceof FnmeshError) return thrown;
  const message = thrown instanceof Error ? thrown.message || thrown.name : describe(thrown);
  const error = new FnmeshError(code, message, { cause: thrown, ...details });
  if (thrown instanceof Error && thrown.stack !== undefined) error.stack = thrown.stack;
  return error;
}
