// Rows in bytes: by columns, where rows are alike, and not as one object after the other. A block is one column; a
// column of lists or of objects is made of columns:
//
//   column:  type u8 | count u32 | …
//     int      count x i32            float   count x f64           bool    count x u8
//     text     ascii u8 | bytes u32 | count lengths (u32, in UTF-16 units) | the text, UTF-8
//     date     count x f64
//     list     width u16 | a column for each place       object   width u16 | names (a clone) | a column for each name
//     sparse   count x u8 (0: null, 1: undefined, 2: there) | a column of those that are there
//     clone    bytes u32 | the engine's structured clone of an array
//
// Numbers are little-endian and unaligned.

import { deserialize, serialize } from "node:v8";
import { FnmeshError } from "../errors/errors.ts";

const type = {
  int: 1,
  float: 2,
  bool: 3,
  text: 4,
  date: 5,
  list: 6,
  object: 7,
  sparse: 8,
  clone: 9,
} as const;

/** A wider row is rather a list of values than a record. */
const mostWidth = 256;
const headBytes = 5;

/** Throws NOT_SERIALIZABLE. */
export function encodeRows(rows: readonly unknown[]): Uint8Array {
  const pieces: Uint8Array[] = [];
  encodeColumn(rows, pieces);
  return Buffer.concat(pieces);
}

/** Throws PROTOCOL. The rows have nothing in common with `bytes`, which may change afterwards. */
export function decodeRows(bytes: Uint8Array): unknown[] {
  const reader: Reader = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  try {
    return decodeColumn(reader);
  } catch (cause) {
    throw new FnmeshError("PROTOCOL", "rows that cannot be read", { cause });
  }
}

type ColumnType = keyof typeof type;

/** The type that all values have, if they are alike; or what to do about it. */
function typeOfColumn(values: readonly unknown[]): ColumnType {
  let found: ColumnType | undefined;
  for (const value of values) {
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
  bytes[0] = type[column];
  bytes.writeUInt32LE(count, 1);
  return bytes;
}

function encodeColumn(values: readonly unknown[], pieces: Uint8Array[]): void {
  const found = typeOfColumn(values);
  const encoded = encoders[found](values, pieces);
  // What only looked alike: lists of several lengths, objects of several forms, text that UTF-8 cannot hold.
  if (!encoded) encoders.clone(values, pieces);
}

type Encoder = (values: readonly unknown[], pieces: Uint8Array[]) => boolean;

const encoders: Readonly<Record<ColumnType, Encoder>> = {
  int(values, pieces) {
    pieces.push(head("int", values.length), bytesOf(Int32Array.from(values as number[])));
    return true;
  },
  float(values, pieces) {
    pieces.push(head("float", values.length), bytesOf(Float64Array.from(values as number[])));
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
  list: encodeLists,
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

const bytesOf = (array: Int32Array | Uint32Array | Float64Array): Uint8Array =>
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
  pieces.push(start, bytesOf(Uint32Array.from(texts, ({ length }) => length)), bytes);
  return true;
}

function encodeLists(values: readonly unknown[], pieces: Uint8Array[]): boolean {
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

const presence = { null: 0, undefined: 1, there: 2 } as const;

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

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function take(reader: Reader, count: number): Buffer {
  const end = reader.at + count;
  if (end > reader.bytes.length) throw new RangeError("a column that ends too early");
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}

function decodeColumn(reader: Reader): unknown[] {
  const start = take(reader, headBytes);
  const count = start.readUInt32LE(1);
  const decode = decoders[start[0]!];
  if (decode === undefined) throw new RangeError(`no column of type ${start[0]}`);
  return decode(reader, count);
}

/** Copied, because numbers of more than one byte have to be aligned. */
const aligned = (bytes: Buffer): ArrayBuffer => Uint8Array.from(bytes).buffer as ArrayBuffer;

const decoders: Readonly<Record<number, (reader: Reader, count: number) => unknown[]>> = {
  [type.int]: (reader, count) => Array.from(new Int32Array(aligned(take(reader, count * 4)))),
  [type.float]: (reader, count) => Array.from(new Float64Array(aligned(take(reader, count * 8)))),
  [type.bool]: (reader, count) => Array.from(take(reader, count), (value) => value === 1),
  [type.date]: (reader, count) =>
    Array.from(new Float64Array(aligned(take(reader, count * 8))), (time) => new Date(time)),
  [type.text]: decodeText,
  [type.list](reader, count) {
    const width = take(reader, 2).readUInt16LE();
    const columns = Array.from({ length: width }, () => decodeColumn(reader));
    return Array.from({ length: count }, (_, row) => columns.map((column) => column[row]));
  },
  [type.object](reader, count) {
    take(reader, 2);
    const names = decodeColumn(reader) as string[];
    const columns = names.map(() => decodeColumn(reader));
    return Array.from({ length: count }, (_, row) => {
      const object: Record<string, unknown> = {};
      for (let place = 0; place < names.length; place += 1) object[names[place]!] = columns[place]![row];
      return object;
    });
  },
  [type.sparse](reader, count) {
    const flags = take(reader, count);
    const there = decodeColumn(reader);
    let next = 0;
    return Array.from(flags, (flag) => {
      if (flag === presence.there) return there[next++];
      return flag === presence.null ? null : undefined;
    });
  },
  // Copied: what is deserialised may hold views of the bytes.
  [type.clone]: (reader) =>
    deserialize(Buffer.from(take(reader, take(reader, 4).readUInt32LE()))) as unknown[],
};

function decodeText(reader: Reader, count: number): string[] {
  const start = take(reader, 5);
  const lengths = new Uint32Array(aligned(take(reader, count * 4)));
  const text = take(reader, start.readUInt32LE(1)).toString(start[0] === 1 ? "latin1" : "utf8");
  const texts = new Array<string>(count);
  let at = 0;
  for (let index = 0; index < count; index += 1) {
    const end = at + lengths[index]!;
    texts[index] = text.slice(at, end);
    at = end;
  }
  return texts;
}
