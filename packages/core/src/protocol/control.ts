// What worker and orchestrator say to each other on the control connection. Three frame types: a JSON message, for
// everything small and structured, a blob, for bytes in bulk (code, input, output), and a note for another worker.
// docs/PROTOCOL.md draws them.

import { FnmeshError, protocolError } from "../errors/errors.ts";
import { encodeFrame, type Frame } from "./frame.ts";
import { decodeNote, encodeNote, type Note } from "./note.ts";
import { fromOrchestrator } from "./orchestrator-messages.ts";
import { result } from "./result-message.ts";
import * as is from "./shape.ts";
import { fromWorker } from "./worker-messages.ts";

export { mostResultDepth } from "./result-message.ts";
export { fromOrchestrator, fromWorker };

export const controlFrame = { message: 1, blob: 2, note: 3 } as const;

/** No control frame is longer: a welcome for 1,000 workers is about 200 KB, a blob carries 256 KiB. */
export const mostControlFrameBytes = 1024 * 1024;
export const blobChunkBytes = 256 * 1024;

type Table = Readonly<Record<string, is.Shape<object>>>;
type MessageOf<T extends Table> = { [K in keyof T]: { readonly type: K } & is.Infer<T[K]> }[keyof T];
export type WorkerMessage = MessageOf<typeof fromWorker>;
export type OrchestratorMessage = MessageOf<typeof fromOrchestrator>;
export type MessageBody<M extends { type: string }, K extends M["type"]> = Extract<M, { type: K }>;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

function toJson(message: WorkerMessage | OrchestratorMessage): string {
  try {
    if (message.type === "result" || message.type === "emit") result(message, message.type);
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
    throw protocolError(`a control message that cannot be read: ${detail}`);
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
  if (body.length < blobHeaderBytes) throw protocolError("a blob without its header");
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const kind = (Object.keys(blobKind) as BlobKind[]).find((name) => blobKind[name] === body[0]);
  const offset = view.getFloat64(8, true);
  const exact = kind !== undefined && body[1]! <= 1 && body[2] === 0 && body[3] === 0;
  if (!exact || !Number.isSafeInteger(offset) || offset < 0) {
    throw protocolError("a blob with an unknown kind, flag or an impossible offset");
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
  throw protocolError(`an unknown control frame type ${frame.type}`);
}

/** Throws LIMIT. */
export const encodeControlNote = (note: Note): Uint8Array => encodeNote(controlFrame.note, note);
