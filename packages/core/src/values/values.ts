// What a message's payload is. Bytes, typed arrays and text travel as they are; everything else goes by the engine's own
// structured clone (Map, Set, Date, bigint, errors, typed arrays inside objects and cycles included): it is in every
// Node, so it costs the function's bundle and its cold start nothing.

import { deserialize, serialize } from "node:v8";
import { FnmeshError, protocolError } from "../errors/errors.ts";

type TypedArrayConstructor = {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
};

/** The number on the wire of each element type. */
const elementTypes: readonly (readonly [number, TypedArrayConstructor])[] = [
  [2, Int8Array],
  [3, Uint8ClampedArray],
  [4, Int16Array],
  [5, Uint16Array],
  [6, Int32Array],
  [7, Uint32Array],
  [8, Float32Array],
  [9, Float64Array],
  [10, BigInt64Array],
  [11, BigUint64Array],
];

export const valueKind = { bytes: 1, text: 32, object: 33, streamChunk: 64, streamEnd: 65 } as const;

export interface Encoded {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** Whether the bytes are the caller's own memory, which may change once the send has resolved. */
  readonly borrowed: boolean;
}

export interface ValueCodec {
  /** Throws NOT_SERIALIZABLE. */
  encode(value: unknown): Encoded;
  /** Throws PROTOCOL. `bytes` becomes the value's own memory. */
  decode(kind: number, bytes: Uint8Array): unknown;
}

const viewOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

export const valueCodec: ValueCodec = {
  encode(value) {
    if (value instanceof Uint8Array) return { kind: valueKind.bytes, bytes: value, borrowed: true };
    if (ArrayBuffer.isView(value)) return encodeView(value);
    if (value instanceof ArrayBuffer)
      return { kind: valueKind.bytes, bytes: new Uint8Array(value), borrowed: true };
    if (typeof value === "string")
      return { kind: valueKind.text, bytes: Buffer.from(value), borrowed: false };
    return { kind: valueKind.object, bytes: pack(value), borrowed: false };
  },
  decode(kind, bytes) {
    if (kind === valueKind.bytes) return bytes;
    if (kind === valueKind.text)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
    if (kind === valueKind.object) return unpack(bytes);
    return decodeView(kind, bytes);
  },
};

/** By constructor: what asks eight prototypes costs as much as sending a small array. */
const numberOf: ReadonlyMap<unknown, number> = new Map(elementTypes.map(([number, type]) => [type, number]));
const typeOf = new Map(elementTypes);

function encodeView(view: ArrayBufferView): Encoded {
  const number =
    numberOf.get(view.constructor) ??
    elementTypes.find(([, type]) => view instanceof (type as unknown as new () => object))?.[0];
  if (number === undefined)
    throw new FnmeshError("NOT_SERIALIZABLE", "a DataView cannot be sent; send a typed array");
  return { kind: number, bytes: viewOf(view), borrowed: true };
}

function decodeView(kind: number, bytes: Uint8Array): ArrayBufferView {
  const type = typeOf.get(kind);
  if (type === undefined || bytes.byteLength % type.BYTES_PER_ELEMENT !== 0) {
    throw protocolError(`a message of an unknown kind or odd length: kind ${kind}`);
  }
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new type(aligned.buffer, aligned.byteOffset, aligned.byteLength / type.BYTES_PER_ELEMENT);
}

function pack(value: unknown): Uint8Array {
  try {
    return serialize(value);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FnmeshError("NOT_SERIALIZABLE", `the value cannot be sent to another worker: ${reason}`, {
      cause,
      hint: "Send plain data: functions, symbols and classes stay where they are.",
    });
  }
}

function unpack(bytes: Uint8Array): unknown {
  try {
    return deserialize(bytes);
  } catch (cause) {
    throw protocolError("a message that cannot be deserialised", cause);
  }
}
