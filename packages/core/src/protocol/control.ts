// What worker and orchestrator say to each other on the control connection. Three frame types: a JSON message, for
// everything small and structured, a blob, for bytes in bulk (code, input, output), and a note for another worker.
// docs/PROTOCOL.md draws them.

import { FnmeshError } from "../errors/errors.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { decodeNote, encodeNote, type Note } from "./note.ts";
import { pathNames, rungs } from "./rungs.ts";
import * as is from "./shape.ts";

export const controlFrame = { message: 1, blob: 2, note: 3 } as const;

/** No control frame is longer: a welcome for 1,000 workers is about 200 KB, a blob carries 256 KiB. */
export const mostControlFrameBytes = 1024 * 1024;
export const blobChunkBytes = 256 * 1024;

/** Deeper results are refused: JSON.stringify, which every report goes through, recurses. */
export const mostResultDepth = 500;

const rank = is.whole(0, 99_999);
const attempt = is.whole(0, 999);
const endpoint = is.object({ host: is.text(64), port: is.whole(1, 65_535) });
const candidate = is.object({
  type: is.oneOf("host", "srflx"),
  tcpType: is.oneOf("so", "passive"),
  host: is.text(64),
  port: is.whole(1, 65_535),
});
const mapping = is.oneOf(
  "none",
  "unknown",
  "endpoint-independent",
  "address-dependent",
  "address-and-port-dependent",
);
const errorRecord = is.object({
  code: is.text(64),
  message: is.text(65_536),
  hint: is.maybe(is.text(4096)),
  rank: is.maybe(rank),
  attempt: is.maybe(attempt),
  stack: is.maybe(is.text(65_536)),
});
const ping = is.object({ id: is.whole() });
const rung = is.oneOf(...rungs);
const path = is.oneOf(...pathNames);
const route = is.whole(0, 1_000);
const usage = {
  puts: is.whole(),
  gets: is.whole(),
  lists: is.whole(),
  deletes: is.whole(),
  commands: is.whole(),
  retries: is.whole(),
  writtenBytes: is.whole(),
  readBytes: is.whole(),
};

/** Messages that a worker sends. */
export const fromWorker = {
  hello: is.object({
    version: is.whole(0, 65_535),
    job: is.text(64),
    rank,
    attempt,
    node: is.text(64),
    /** Hashes of job code that this container still has from an earlier invocation. */
    cachedCode: is.listOf(is.text(64), 64),
  }),
  /** Asks for a job's code, when it is not cached. */
  code: is.object({ hash: is.text(64) }),
  candidates: is.object({ candidates: is.listOf(candidate, 32), mapping }),
  /** Asks to be introduced to these ranks, each as soon as it has joined. */
  connect: is.object({
    peers: is.listOf(rank, 100_000),
    /** Of the largest message that waits for one of them: the policy may go by it. */
    bytes: is.maybe(is.whole()),
  }),
  /** The round of dialling failed on this side. */
  retry: is.object({
    peer: rank,
    round: is.whole(0, 16),
    reason: is.text(512),
    /** Offered to this peer only, in this round. */
    candidates: is.listOf(candidate, 4),
  }),
  /** The pair's path failed on this side, or there is no direct one: it shall have the next. */
  fallback: is.object({ peer: rank, route, reason: is.text(512) }),
  /** Pulls a part of an input split: the orchestrator answers with input blobs. */
  input: is.object({ split: is.whole(), offset: is.whole(), length: is.whole(1) }),
  barrier: is.object({ id: is.whole() }),
  stage: is.object({ name: is.text(128), event: is.oneOf("begin", "end") }),
  progress: is.object({ done: is.amount, total: is.amount }),
  log: is.object({ level: is.oneOf("debug", "info", "warn", "error"), message: is.text(65_536) }),
  /** Totals since the worker's start, not differences: a lost one does no harm. */
  telemetry: is.object({
    peers: is.listOf(
      is.object({
        rank,
        path,
        /** When it took this path, milliseconds since the welcome. */
        sinceMs: is.maybe(is.amount),
        /** Why not direct. */
        reason: is.maybe(is.text(512)),
        sentMessages: is.whole(),
        sentBytes: is.whole(),
        receivedMessages: is.whole(),
        receivedBytes: is.whole(),
      }),
      100_000,
    ),
    /** When the first connection was asked for and the last one stood, milliseconds since the worker's start. */
    connect: is.maybe(is.object({ firstMs: is.amount, lastMs: is.amount })),
    memoryBytes: is.whole(),
    /** What was asked of stores so far. */
    stores: is.maybe(is.listOf(is.object({ rung, ...usage }), 8)),
  }),
  /** The job's function returned; all output has been sent before. */
  result: is.object({ value: is.json(mostResultDepth) }),
  failed: is.object({ error: errorRecord }),
  ping,
  pong: ping,
};

/** Messages that the orchestrator sends. */
export const fromOrchestrator = {
  welcome: is.object({
    version: is.whole(0, 65_535),
    size: is.whole(1, 100_000),
    observed: endpoint,
    code: is.object({ hash: is.text(64), bytes: is.whole() }),
    params: is.recordOf(is.text(65_536)),
    splits: is.listOf(is.object({ name: is.text(4096), bytes: is.whole() }), 100_000),
    /** The ways that its pairs may take, the first preferred. */
    ladder: is.listOf(rung, 16),
    /** By the ladder's stores: where they are and how to enter. Secret. */
    stores: is.recordOf(is.json(8)),
    encrypt: is.flag,
    memoryMb: is.whole(1),
  }),
  introduce: is.object({
    peers: is.listOf(
      is.object({
        rank,
        attempt,
        mapping,
        candidates: is.listOf(candidate, 32),
        /** How long this side waits so that both dial at one moment. */
        delayMs: is.amount,
        round: is.whole(0, 16),
      }),
      100_000,
    ),
  }),
  /** The pair uses this path from now on, and may still become direct. Sent to both. */
  route: is.object({
    peer: rank,
    attempt,
    /** Counts the routes of a pair from 1 on: a later one replaces an earlier one. */
    route,
    rung,
    /** Which relay, on that rung. */
    relay: is.maybe(is.object({ id: is.text(64), host: is.text(64), port: is.whole(1, 65_535) })),
    reason: is.text(512),
  }),
  /** The ladder has nothing (more) for this pair. */
  noroute: is.object({ peer: rank, reason: is.text(512) }),
  /** A peer will not come, or not come again. */
  gone: is.object({ peer: rank, reason: is.oneOf("finished", "lost") }),
  barrier: is.object({ id: is.whole() }),
  /** The job ended otherwise; stop at once. */
  abort: is.object({ error: errorRecord }),
  /** Result and output are stored: the worker may end. */
  done: is.object({}),
  ping,
  pong: ping,
};

type Table = Readonly<Record<string, is.Shape<object>>>;
type MessageOf<T extends Table> = { [K in keyof T]: { readonly type: K } & is.Infer<T[K]> }[keyof T];
export type WorkerMessage = MessageOf<typeof fromWorker>;
export type OrchestratorMessage = MessageOf<typeof fromOrchestrator>;
export type MessageBody<M extends { type: string }, K extends M["type"]> = Extract<M, { type: K }>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

function toJson(message: WorkerMessage | OrchestratorMessage): string {
  try {
    if (message.type === "result") fromWorker.result(message, "result");
    return JSON.stringify(message);
  } catch (cause) {
    throw new FnmeshError("NOT_SERIALIZABLE", `a "${message.type}" that JSON cannot hold: ${String(cause)}`, {
      cause,
      hint: "Return plain data: no bigint, no cycles, nothing nested hundreds of levels deep.",
    });
  }
}

/** Throws LIMIT or NOT_SERIALIZABLE. */
export function encodeMessage(message: WorkerMessage | OrchestratorMessage): Uint8Array {
  const body = encoder.encode(toJson(message));
  if (body.length >= mostControlFrameBytes) {
    throw new FnmeshError("LIMIT", `a control message "${message.type}" of ${body.length} bytes`, {
      hint: `At most ${mostControlFrameBytes} bytes fit; write bulk data with output.write instead of returning it.`,
    });
  }
  return encodeFrame(controlFrame.message, body);
}

function decodeWith<T extends Table>(table: T, body: Uint8Array): MessageOf<T> {
  try {
    const json: unknown = JSON.parse(decoder.decode(body));
    const type = typeof json === "object" && json !== null && "type" in json ? json.type : undefined;
    if (typeof type !== "string" || !Object.hasOwn(table, type))
      throw new is.ShapeError("unknown message type");
    return { ...table[type]!(json, type), type } as MessageOf<T>;
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new FnmeshError("PROTOCOL", `a control message that cannot be read: ${detail}`);
  }
}

/** Throws PROTOCOL for anything that is not exactly one known message. */
export const decodeWorkerMessage = (body: Uint8Array): WorkerMessage => decodeWith(fromWorker, body);
export const decodeOrchestratorMessage = (body: Uint8Array): OrchestratorMessage =>
  decodeWith(fromOrchestrator, body);

//   blob body:  kind u8 | last u8 | 0 u16 | id u32 | offset f64 | bytes …
export const blobKind = { code: 1, input: 2, output: 3 } as const;
export type BlobKind = keyof typeof blobKind;

export interface Blob {
  readonly kind: BlobKind;
  /** Whether this is the last one of what was asked for (code, input) or of all (output). */
  readonly last: boolean;
  /** Input: the split. Otherwise 0. */
  readonly id: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const blobHeaderBytes = 16;

export function encodeBlob(blob: Blob): Uint8Array {
  const body = new Uint8Array(blobHeaderBytes + blob.bytes.length);
  const view = new DataView(body.buffer);
  body[0] = blobKind[blob.kind];
  body[1] = blob.last ? 1 : 0;
  view.setUint32(4, blob.id, true);
  view.setFloat64(8, blob.offset, true);
  body.set(blob.bytes, blobHeaderBytes);
  return encodeFrame(controlFrame.blob, body);
}

/** Throws PROTOCOL. The bytes are a view into `body`. */
export function decodeBlob(body: Uint8Array): Blob {
  if (body.length < blobHeaderBytes) throw new FnmeshError("PROTOCOL", "a blob without its header");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const kind = (Object.keys(blobKind) as BlobKind[]).find((name) => blobKind[name] === body[0]);
  const offset = view.getFloat64(8, true);
  const exact = kind !== undefined && body[1]! <= 1 && body[2] === 0 && body[3] === 0;
  if (!exact || !Number.isSafeInteger(offset) || offset < 0) {
    throw new FnmeshError("PROTOCOL", "a blob with an unknown kind, flag or an impossible offset");
  }
  return {
    kind,
    last: body[1] === 1,
    id: view.getUint32(4, true),
    offset,
    bytes: body.subarray(blobHeaderBytes),
  };
}

/** What a control frame holds. Throws PROTOCOL for an unknown frame type. */
export function readControlFrame<M>(
  frame: Frame,
  decode: (body: Uint8Array) => M,
): { readonly message: M } | { readonly blob: Blob } | { readonly note: Note } {
  if (frame.type === controlFrame.message) return { message: decode(frame.body) };
  if (frame.type === controlFrame.blob) return { blob: decodeBlob(frame.body) };
  if (frame.type === controlFrame.note) return { note: decodeNote(frame.body) };
  throw new FnmeshError("PROTOCOL", `an unknown control frame type ${frame.type}`);
}

/** Throws LIMIT. */
export const encodeControlNote = (note: Note): Uint8Array => encodeNote(controlFrame.note, note);
