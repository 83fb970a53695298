// What a key is: how keys are told apart, spread over workers, and put in order. Pure, and the same on every worker.

import { FnmeshError } from "../errors/errors.ts";

/** Values by which rows can be grouped, joined and sorted: single ones, or lists of them. */
export type Key = string | number | bigint | boolean | null | undefined | Date | readonly Key[];

/** A list or a date, which a Map would tell apart by identity. */
export const isComposite = (key: unknown): boolean => typeof key === "object" && key !== null;

/** Something that a Map tells apart as the keys are: most keys themselves, a text for composite ones. */
export function identityOf(key: Key): unknown {
  return isComposite(key) ? `\u0000${textOf(key)}` : key;
}

function textOf(key: Key): string {
  switch (typeof key) {
    case "string":
      return `s${key.length}:${key}`;
    case "number":
      return `n${key};`;
    case "bigint":
      return `b${key};`;
    case "boolean":
      return key ? "t" : "f";
    case "undefined":
      return "u";
    default:
      if (key === null) return "0";
      if (key instanceof Date) return `d${key.getTime()};`;
      if (Array.isArray(key)) return `[${key.map(textOf).join("")}]`;
      throw notAKey(key);
  }
}

const notAKey = (key: unknown): FnmeshError =>
  new FnmeshError("INVALID_ARGUMENT", `a ${(key as object)?.constructor?.name ?? typeof key} is no key`, {
    hint: "Keys are strings, numbers, bigints, booleans, null, dates, or lists of these.",
  });

const floats = new Float64Array(1);
const words = new Uint32Array(floats.buffer);

/** The last step of MurmurHash3: each bit of the input changes half of the output's. */
function mixed(hash: number): number {
  let mix = hash;
  mix = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
  mix = Math.imul(mix ^ (mix >>> 13), 0xc2b2ae35);
  return (mix ^ (mix >>> 16)) >>> 0;
}

function hashOfText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return mixed(hash);
}

/** 32 bits, unsigned. Equal keys have equal hashes: 0 and -0 too, as in a Map. */
export function hashOf(key: Key): number {
  if (typeof key === "string") return hashOfText(key);
  if (typeof key !== "number") return hashOfText(textOf(key));
  if ((key | 0) === key) return mixed(key ^ 0x9e3779b9);
  floats[0] = key;
  return mixed(words[0]! ^ Math.imul(words[1]!, 31));
}

const ranks: Readonly<Record<string, number>> = {
  undefined: 0,
  null: 1,
  boolean: 2,
  number: 3,
  bigint: 3,
  date: 4,
  string: 5,
  list: 6,
};

function typeOf(key: Key): string {
  if (key === null) return "null";
  if (typeof key !== "object") return typeof key;
  if (key instanceof Date) return "date";
  if (Array.isArray(key)) return "list";
  throw notAKey(key);
}

/**
 * Ascending: strings by code units, lists element by element, numbers with NaN last. Keys of several types go by type:
 * undefined, null, booleans, numbers, dates, strings, lists.
 */
export function compareKeys(left: Key, right: Key): number {
  if (typeof left === "string" && typeof right === "string") return left < right ? -1 : left > right ? 1 : 0;
  if (typeof left === "number" && typeof right === "number") return compareNumbers(left, right);
  const [leftType, rightType] = [typeOf(left), typeOf(right)];
  if (ranks[leftType] !== ranks[rightType]) return ranks[leftType]! - ranks[rightType]!;
  if (leftType === "list") return compareLists(left as readonly Key[], right as readonly Key[]);
  if (leftType === "date") return compareNumbers((left as Date).getTime(), (right as Date).getTime());
  // Booleans, and numbers beside bigints: they compare as numbers do.
  return compareNumbers(left as number, right as number);
}

function compareNumbers(left: number, right: number): number {
  if (left < right) return -1;
  if (left > right) return 1;
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
}

function compareLists(left: readonly Key[], right: readonly Key[]): number {
  const shared = Math.min(left.length, right.length);
  for (let index = 0; index < shared; index += 1) {
    const order = compareKeys(left[index]!, right[index]!);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
