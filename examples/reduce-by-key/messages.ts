// What workers send each other, as compact bytes. Numbers are LEB128: seven bits a byte, the lowest first.
//
//   counts   { length, word, count } …      one partition of a worker's counts
//   words    { length, word } …             samples, splitters

import { rangeOf, type Words } from "./splitters.ts";
import { hashOf, type WordTable } from "./word-table.ts";

/** How many bytes a number takes. */
function numberBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

/** Writes at a place and moves on. */
interface Writer {
  readonly bytes: Uint8Array;
  at: number;
}

function writeNumber(to: Writer, value: number): void {
  let rest = value;
  while (rest >= 128) {
    to.bytes[to.at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  to.bytes[to.at++] = rest;
}

function writeWord(to: Writer, word: Uint8Array): void {
  writeNumber(to, word.length);
  to.bytes.set(word, to.at);
  to.at += word.length;
}

/** Reads at a place and moves on; throws when there is less than it was promised. */
interface Reader {
  readonly bytes: Uint8Array;
  at: number;
}

function readNumber(from: Reader): number {
  let value = 0;
  for (let scale = 1; ; scale *= 128) {
    const byte = from.bytes[from.at++];
    if (byte === undefined) throw new Error("a message ends within a number");
    value += (byte & 127) * scale;
    if (byte < 128) return value;
  }
}

/** Moves past a word; it is the `length` bytes before the place then. */
function readWord(from: Reader): number {
  const length = readNumber(from);
  from.at += length;
  if (from.at > from.bytes.length) throw new Error("a message ends within a word");
  return length;
}

/** A table as one message for each range. */
export function encodePartitions(table: WordTable, splitters: Words, ranges: number): Uint8Array[] {
  const rangeOfWord = new Uint32Array(table.size);
  const sizes = new Array<number>(ranges).fill(0);
  for (let word = 0; word < table.size; word++) {
    const bytes = table.bytes(word);
    const range = rangeOf(splitters, bytes);
    rangeOfWord[word] = range;
    sizes[range]! += numberBytes(bytes.length) + bytes.length + numberBytes(table.count(word));
  }
  const writers = sizes.map((size): Writer => ({ bytes: new Uint8Array(size), at: 0 }));
  for (let word = 0; word < table.size; word++) {
    const writer = writers[rangeOfWord[word]!]!;
    writeWord(writer, table.bytes(word));
    writeNumber(writer, table.count(word));
  }
  return writers.map(({ bytes }) => bytes);
}

/** Adds a partition's counts to a table. */
export function mergePartition(table: WordTable, message: Uint8Array): void {
  const reader: Reader = { bytes: message, at: 0 };
  while (reader.at < message.length) {
    const length = readWord(reader);
    const [from, to] = [reader.at - length, reader.at];
    table.add(message, from, to, hashOf(message, from, to), readNumber(reader));
  }
}

export function encodeWords(words: Words): Uint8Array {
  const size = words.reduce((sum, word) => sum + numberBytes(word.length) + word.length, 0);
  const writer: Writer = { bytes: new Uint8Array(size), at: 0 };
  for (const word of words) writeWord(writer, word);
  return writer.bytes;
}

export function decodeWords(message: Uint8Array): Words {
  const words: Uint8Array[] = [];
  const reader: Reader = { bytes: message, at: 0 };
  while (reader.at < message.length) {
    const length = readWord(reader);
    words.push(message.subarray(reader.at - length, reader.at));
  }
  return words;
}
