// Rows to bytes, as column-types.ts draws them.

import { serialize } from "node:v8";
import { FnmeshError } from "../errors/errors.ts";
import { type ColumnType, columnType, headBytes, presence } from "./column-types.ts";
import { encodeIntegers } from "./integers.ts";

/** A wider row is rather a list of values than a record. */
const mostWidth = 256;

/** Throws NOT_SERIALIZABLE. */
export function encodeRows(rows: readonly unknown[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  encodeColumn(rows, pieces);
  return Buffer.concat(pieces);
}

/** The type that all values have, if they are alike; or what to do about it. */
function typeOfColumn(values: readonly unknown[]): ColumnType {
  let found: ColumnType | undefined;
  for (const value of values) {
    if (found === "float" && typeof value === "number") continue;
    const one = typeOfValue(value);
    if (found === undefined || found === one) found = one;
    else if ((found === "int" && one === "float") || (found === "float" && one === "int")) found = "float";
    else if (found === "sparse" || one === "sparse") return "sparse";
    else return "clone";
  }
  return found ?? "clone";
}

function typeOfValue(value: unknown): ColumnType {
  switch (typeof value) {
    case "number":
      return (value | 0) === value && !Object.is(value, -0) ? "int" : "float";
    case "string":
      return "text";
    case "boolean":
      return "bool";
    case "undefined":
      return "sparse";
    case "object":
      return typeOfObject(value);
    default:
      return "clone";
  }
}

function typeOfObject(value: object | null): ColumnType {
  if (value === null) return "sparse";
  if (Array.isArray(value)) return "list";
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return "object";
  return prototype === Date.prototype ? "date" : "clone";
}

function head(column: ColumnType, count: number, more = 0): Buffer {
  const bytes = Buffer.allocUnsafe(headBytes + more);
  bytes[0] = columnType[column];
  bytes.writeUInt32LE(count, 1);
  return bytes;
}

function encodeColumn(values: readonly unknown[], pieces: Uint8Array[]): void {
  const found = typeOfColumn(values);
  const encoded = encoders[found](values, pieces);
  // What only looked alike: objects of several forms, text that UTF-8 cannot hold.
  if (!encoded) encoders.clone(values, pieces);
}

type Encoder = (values: readonly unknown[], pieces: Uint8Array[]) => boolean;

const encoders: Readonly<Record<ColumnType, Encoder>> = {
  int(values, pieces) {
    pieces.push(head("int", values.length), ...encodeIntegers(values as number[]));
    return true;
  },
  float(values, pieces) {
    pieces.push(head("float", values.length), bytesOf(new Float64Array(values as number[])));
    return true;
  },
  bool(values, pieces) {
    pieces.push(head("bool", values.length), Uint8Array.from(values as never));
    return true;
  },
  date(values, pieces) {
    const times = Float64Array.from(values as Date[], (date) => date.getTime());
    pieces.push(head("date", values.length), bytesOf(times));
    return true;
  },
  text: encodeText,
  list: (values, pieces) => encodeList(values, pieces) || encodeLists(values, pieces),
  lists: encodeLists,
  object: encodeObjects,
  sparse: encodeSparse,
  clone(values, pieces) {
    const bytes = cloned(values);
    const start = head("clone", values.length, 4);
    start.writeUInt32LE(bytes.length, headBytes);
    pieces.push(start, bytes);
    return true;
  },
};

const bytesOf = (array: Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function cloned(values: readonly unknown[]): Uint8Array {
  try {
    return serialize(values);
  } catch (cause) {
    throw new FnmeshError("NOT_SERIALIZABLE", `rows that cannot go to another worker: ${String(cause)}`, {
      cause,
      hint: "Rows are plain data: functions, symbols and classes stay where they are.",
    });
  }
}

/** Half of a pair of code units, which UTF-8 cannot hold. */
const halfPair = /\p{Surrogate}/u;

function encodeText(values: readonly unknown[], pieces: Uint8Array[]): boolean {
  const texts = values as readonly string[];
  const joined = texts.join("");
  const bytes = Buffer.from(joined);
  const isAscii = bytes.length === joined.length;
  if (!isAscii && halfPair.test(joined)) return false;
  const start = head("text", values.length, 5);
  start[headBytes] = Number(isAscii);
  start.writeUInt32LE(bytes.length, headBytes + 1);
  pieces.push(start, ...encodeIntegers(texts.map(({ length }) => length)), bytes);
  return true;
}

/** Of one length: rather records than lists. */
function encodeList(values: readonly unknown[], pieces: Uint8Array[]): boolean {
  const lists = values as readonly (readonly unknown[])[];
  const width = lists[0]!.length;
  if (width > mostWidth || lists.some((list) => list.length !== width)) return false;
  const start = head("list", values.length, 2);
  start.writeUInt16LE(width, headBytes);
  pieces.push(start);
  for (let place = 0; place < width; place += 1) {
    encodeColumn(
      lists.map((list) => list[place]),
      pieces,
    );
  }
  return true;
}

function encodeLists(values: readonly unknown[], pieces: Uint8Array[]): boolean {
  const lists = values as readonly (readonly unknown[])[];
  const lengths = lists.map(({ length }) => length);
  const all = lists.flat();
  // Holes in a list are no values.
  if (all.length !== lengths.reduce((sum, length) => sum + length, 0)) return false;
  pieces.push(head("lists", values.length), ...encodeIntegers(lengths));
  encodeColumn(all, pieces);
  return true;
}

function encodeObjects(values: readonly unknown[], pieces: Uint8Array[]): boolean {
  const objects = values as readonly Record<string, unknown>[];
  const names = Object.keys(objects[0]!);
  if (names.length > mostWidth || !objects.every((object) => hasNames(object, names))) return false;
  const start = head("object", values.length, 2);
  start.writeUInt16LE(names.length, headBytes);
  pieces.push(start);
  encoders.clone(names, pieces);
  for (const name of names) {
    encodeColumn(
      objects.map((object) => object[name]),
      pieces,
    );
  }
  return true;
}

function hasNames(object: object, names: readonly string[]): boolean {
  const own = Object.keys(object);
  return own.length === names.length && own.every((name, index) => name === names[index]);
}

function encodeSparse(values: readonly unknown[], pieces: Uint8Array[]): boolean {
  const flags = Uint8Array.from(values, (value) =>
    value === null ? presence.null : value === undefined ? presence.undefined : presence.there,
  );
  pieces.push(head("sparse", values.length), flags);
  encodeColumn(
    values.filter((value) => value !== null && value !== undefined),
    pieces,
  );
  return true;
}
