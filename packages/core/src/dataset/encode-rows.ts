// Rows to bytes, as column-types.ts draws them.

import { serialize } from "node:v8";
import { FnmeshError } from "../errors/errors.ts";
import { type ColumnType, columnType, presence } from "./column-types.ts";
import { RowWriter } from "./row-writer.ts";

/** A wider row is rather a list of values than a record. */
const mostWidth = 256;

/** Throws NOT_SERIALIZABLE. */
export const encodeRows = (rows: readonly unknown[]): Uint8Array =>
  new Uint8Array(writeRows(rows, new RowWriter()));

/** The same bytes in the writer's memory, until it gets other rows. */
export function writeRows(rows: readonly unknown[], out: RowWriter): Uint8Array {
  out.clear();
  encodeColumn(rows, out);
  return out.written;
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

function head(column: ColumnType, count: number, out: RowWriter): void {
  out.byte(columnType[column]);
  out.whole(count);
}

function encodeColumn(values: readonly unknown[], out: RowWriter): void {
  const found = typeOfColumn(values);
  const encoded = encoders[found](values, out);
  // What only looked alike: objects of several forms, text that UTF-8 cannot hold.
  if (!encoded) encoders.clone(values, out);
}

/** Writes nothing if the values are not what they seemed to be. */
type Encoder = (values: readonly unknown[], out: RowWriter) => boolean;

const encoders: Readonly<Record<ColumnType, Encoder>> = {
  int(values, out) {
    head("int", values.length, out);
    out.integers(values as number[]);
    return true;
  },
  float(values, out) {
    head("float", values.length, out);
    out.floats(values as number[]);
    return true;
  },
  bool(values, out) {
    head("bool", values.length, out);
    out.flags(values, Number);
    return true;
  },
  date(values, out) {
    head("date", values.length, out);
    out.floats((values as Date[]).map((date) => date.getTime()));
    return true;
  },
  text: encodeText,
  list: (values, out) => encodeList(values, out) || encodeLists(values, out),
  lists: encodeLists,
  object: encodeObjects,
  sparse: encodeSparse,
  clone(values, out) {
    const bytes = cloned(values);
    head("clone", values.length, out);
    out.whole(bytes.length);
    out.raw(bytes);
    return true;
  },
};

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

function encodeText(values: readonly unknown[], out: RowWriter): boolean {
  const texts = values as readonly string[];
  const joined = texts.join("");
  const bytes = Buffer.byteLength(joined);
  const isAscii = bytes === joined.length;
  if (!isAscii && halfPair.test(joined)) return false;
  head("text", values.length, out);
  out.byte(Number(isAscii));
  out.whole(bytes);
  out.integers(texts.map(({ length }) => length));
  out.text(joined, bytes, isAscii ? "latin1" : "utf8");
  return true;
}

/** Of one length: rather records than lists. */
function encodeList(values: readonly unknown[], out: RowWriter): boolean {
  const lists = values as readonly (readonly unknown[])[];
  const width = lists[0]!.length;
  if (width > mostWidth || lists.some((list) => list.length !== width)) return false;
  head("list", values.length, out);
  out.short(width);
  for (let place = 0; place < width; place += 1) {
    encodeColumn(
      lists.map((list) => list[place]),
      out,
    );
  }
  return true;
}

function encodeLists(values: readonly unknown[], out: RowWriter): boolean {
  const lists = values as readonly (readonly unknown[])[];
  const lengths = lists.map(({ length }) => length);
  const all = lists.flat();
  // Holes in a list are no values.
  if (all.length !== lengths.reduce((sum, length) => sum + length, 0)) return false;
  head("lists", values.length, out);
  out.integers(lengths);
  encodeColumn(all, out);
  return true;
}

function encodeObjects(values: readonly unknown[], out: RowWriter): boolean {
  const objects = values as readonly Record<string, unknown>[];
  const names = Object.keys(objects[0]!);
  if (names.length > mostWidth || !objects.every((object) => hasNames(object, names))) return false;
  head("object", values.length, out);
  out.short(names.length);
  encoders.clone(names, out);
  for (const name of names) {
    encodeColumn(
      objects.map((object) => object[name]),
      out,
    );
  }
  return true;
}

function hasNames(object: object, names: readonly string[]): boolean {
  const own = Object.keys(object);
  return own.length === names.length && own.every((name, index) => name === names[index]);
}

function encodeSparse(values: readonly unknown[], out: RowWriter): boolean {
  head("sparse", values.length, out);
  out.flags(values, (value) =>
    value === null ? presence.null : value === undefined ? presence.undefined : presence.there,
  );
  encodeColumn(
    values.filter((value) => value !== null && value !== undefined),
    out,
  );
  return true;
}
