// What one client may take of the API, as data. Every figure has its reason; tests set smaller ones.

const MiB = 1024 * 1024;

export const apiLimits = {
  /** The JSON of POST /jobs: room for 50,000 inputs with long names. */
  jobRequestBytes: 8 * MiB,
  /** A job's bundled module is held in memory, and goes to every worker: the orchestrator takes no more either. */
  codeBytes: 50 * MiB,
  blobBytes: 4096 * MiB,
  /** All blobs and kept outputs together; the least recently used that no job needs make room. */
  spoolBytes: 16_384 * MiB,
  connections: 512,
  /** Each holds a connection for as long as its client likes, so they get a limit of their own. */
  eventStreams: 128,
  /** Log lines that wait for a slow reader of events; the oldest are dropped, and the reader is told. */
  waitingLogEvents: 1_000,
  /** From the first byte of a request to the end of its headers: a slow one holds a connection, nothing else. */
  headersTimeoutMs: 10_000,
  /** A connection on which nothing moves: four heartbeats of an event stream. */
  idleTimeoutMs: 60_000,
  /** A whole request with its body: the largest blob at 10 Mbit/s. */
  requestTimeoutMs: 3_600_000,
  heartbeatMs: 15_000,
  /** What close() waits for requests under way. */
  closeGraceMs: 5_000,
} as const;

export type ApiLimits = { readonly [K in keyof typeof apiLimits]: number };
