// Bytes to rows, as column-types.ts draws them.

import { deserialize } from "node:v8";
import { FnmeshError } from "../errors/errors.ts";
import { columnType, headBytes, presence } from "./column-types.ts";
import { decodeFloats, decodeIntegers } from "./integers.ts";

/** Throws PROTOCOL. The rows have nothing in common with `bytes`, which may change afterwards. */
export function decodeRows(bytes: Uint8Array): unknown[] {
  const reader: Reader = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  try {
    return decodeColumn(reader);
  } catch (cause) {
    throw new FnmeshError("PROTOCOL", "rows that cannot be read", { cause });
  }
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

/** Without an iterator's result for each. */
function rowsOf(count: number, rowAt: (row: number) => unknown): unknown[] {
  const rows = new Array<unknown>(count);
  for (let row = 0; row < count; row += 1) rows[row] = rowAt(row);
  return rows;
}

const integers = (reader: Reader, count: number): number[] =>
  decodeIntegers((bytes) => take(reader, bytes), count);

const decoders: Readonly<Record<number, (reader: Reader, count: number) => unknown[]>> = {
  [columnType.int]: integers,
  [columnType.float]: (reader, count) => decodeFloats(take(reader, count * 8)),
  [columnType.bool]: (reader, count) => Array.from(take(reader, count), (value) => value === 1),
  [columnType.date]: (reader, count) => decodeFloats(take(reader, count * 8)).map((time) => new Date(time)),
  [columnType.text]: decodeText,
  [columnType.list](reader, count) {
    const width = take(reader, 2).readUInt16LE();
    const columns = Array.from({ length: width }, () => decodeColumn(reader));
    return rowsOf(count, (row) => {
      const list: unknown[] = [];
      for (const column of columns) list.push(column[row]);
      return list;
    });
  },
  [columnType.lists](reader, count) {
    const lengths = integers(reader, count);
    const values = decodeColumn(reader);
    let end = 0;
    return lengths.map((length) => {
      end += length;
      return values.slice(end - length, end);
    });
  },
  [columnType.object](reader, count) {
    take(reader, 2);
    const names = decodeColumn(reader) as string[];
    const columns = names.map(() => decodeColumn(reader));
    return rowsOf(count, (row) => {
      const object: Record<string, unknown> = {};
      for (let place = 0; place < names.length; place += 1) object[names[place]!] = columns[place]![row];
      return object;
    });
  },
  [columnType.sparse](reader, count) {
    const flags = take(reader, count);
    const there = decodeColumn(reader);
    let next = 0;
    return Array.from(flags, (flag) => {
      if (flag === presence.there) return there[next++];
      return flag === presence.null ? null : undefined;
    });
  },
  // Copied: what is deserialised may hold views of the bytes.
  [columnType.clone]: (reader) =>
    deserialize(Buffer.from(take(reader, take(reader, 4).readUInt32LE()))) as unknown[],
};

function decodeText(reader: Reader, count: number): string[] {
  const start = take(reader, 5);
  const lengths = integers(reader, count);
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
