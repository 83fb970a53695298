// What a reduction does with two values: a named operation, or the user's function. Typed arrays are combined element
// by element, everything else whole.

import { FnmeshError } from "../errors/errors.ts";
import { type Numbers, numberLoops } from "./element-loops.ts";

export type NumericArray =
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** Bitwise on whole numbers; `and`, `or` and `xor` of booleans are logical. */
export type OperationName = "sum" | "product" | "min" | "max" | "and" | "or" | "xor";

/** The user's own operation. It must not change what it is given. */
export interface Combine<T> {
  readonly combine: (left: T, right: T) => T;
  /** (a b) c = a (b c): any neighbours may be combined first. Default: true. Otherwise from rank 0 upwards, at the root. */
  readonly associative?: boolean;
  /** a b = b a: values may be combined in the order in which they come. Default: false, so in the order of ranks. */
  readonly commutative?: boolean;
}

/** What is combined: the elements of a typed array, or the whole value. */
export type Element<T> = T extends BigInt64Array | BigUint64Array
  ? bigint
  : T extends NumericArray
    ? number
    : Widened<T>;

/** `5` is a number: the result of a sum is not 5. */
export type Widened<T> = T extends number
  ? number
  : T extends bigint
    ? bigint
    : T extends boolean
      ? boolean
      : T;

type Named<T> = T extends NumericArray | number | bigint
  ? OperationName
  : T extends boolean
    ? "and" | "or" | "xor"
    : never;

/** What may reduce values of this type. A bare function counts as associative and not as commutative. */
export type Operation<T> = Named<T> | Combine<Element<T>> | Combine<Element<T>>["combine"];

type Scalar = number | bigint;
type Binary = (left: never, right: never) => unknown;

const numbers: Readonly<Record<OperationName, (left: number, right: number) => number>> = {
  sum: (left, right) => left + right,
  product: (left, right) => left * right,
  min: (left, right) => Math.min(left, right),
  max: (left, right) => Math.max(left, right),
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

const bigints: Readonly<Record<OperationName, (left: bigint, right: bigint) => bigint>> = {
  sum: (left, right) => left + right,
  product: (left, right) => left * right,
  // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
  min: (left, right) => (left < right ? left : right),
  // biome-ignore lint/complexity/useMathMinMax: nor does Math.max
  max: (left, right) => (left > right ? left : right),
  and: (left, right) => left & right,
  or: (left, right) => left | right,
  xor: (left, right) => left ^ right,
};

const booleans: Readonly<Record<string, (left: boolean, right: boolean) => boolean>> = {
  and: (left, right) => left && right,
  or: (left, right) => left || right,
  xor: (left, right) => left !== right,
};

export interface Combiner {
  /** Combines two values into new memory, or into that of `spare`, which is `left` or `right`. Throws INVALID_ARGUMENT. */
  combine(left: unknown, right: unknown, spare?: unknown): unknown;
  readonly associative: boolean;
  readonly commutative: boolean;
}

/** Throws INVALID_ARGUMENT for an operation that there is not. */
export function combinerOf(operation: OperationName | Combine<never> | Binary): Combiner {
  if (typeof operation === "string") return namedCombiner(operation);
  const {
    combine,
    associative = true,
    commutative = false,
  } = typeof operation === "function" ? { combine: operation } : operation;
  return {
    associative,
    commutative,
    combine: (left, right, spare) =>
      isNumericArray(left)
        ? combineArrays(left, right, eachElement(combine), spare)
        : combine(left as never, right as never),
  };
}

function namedCombiner(name: OperationName): Combiner {
  if (!Object.hasOwn(numbers, name)) {
    throw new FnmeshError("INVALID_ARGUMENT", `no operation "${name}"`, {
      hint: `Known are ${Object.keys(numbers).join(", ")}; or give a function.`,
    });
  }
  return {
    associative: true,
    commutative: true,
    combine: (left, right, spare) =>
      isNumericArray(left)
        ? combineArrays(left, right, loopOf(name, left), spare)
        : combineScalars(name, left, right),
  };
}

const isBigArray = (value: NumericArray): value is BigInt64Array | BigUint64Array =>
  value instanceof BigInt64Array || value instanceof BigUint64Array;

/** Writes into `target` what comes of each two elements. */
type Loop = (target: NumericArray, left: NumericArray, right: NumericArray) => void;

const loopOf = (name: OperationName, array: NumericArray): Loop =>
  isBigArray(array)
    ? eachElement(bigints[name])
    : (target, left, right) => numberLoops[name](target as Numbers, left as Numbers, right as Numbers);

function eachElement(combine: Binary): Loop {
  const act = combine as (left: Scalar, right: Scalar) => Scalar;
  return (target, left, right) => {
    const [into, one, other] = [target as Scalar[] & NumericArray, left, right];
    for (let at = 0; at < into.length; at += 1) into[at] = act(one[at]!, other[at]!);
  };
}

function combineScalars(name: OperationName, left: unknown, right: unknown): unknown {
  if (typeof left === "number" && typeof right === "number") return numbers[name](left, right);
  if (typeof left === "bigint" && typeof right === "bigint") return bigints[name](left, right);
  const logical = booleans[name];
  if (typeof left === "boolean" && typeof right === "boolean" && logical) return logical(left, right);
  throw new FnmeshError("INVALID_ARGUMENT", `no "${name}" of ${nameOf(left)} and ${nameOf(right)}`, {
    hint: "All workers must bring values of one type: numbers, bigints, booleans or typed arrays; or give a function.",
  });
}

export const isNumericArray = (value: unknown): value is NumericArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

function combineArrays(left: NumericArray, right: unknown, loop: Loop, spare: unknown): NumericArray {
  // The tag, not the constructor: a Buffer is a Uint8Array like another.
  const tag = left[Symbol.toStringTag];
  if (!isNumericArray(right) || right[Symbol.toStringTag] !== tag || right.length !== left.length) {
    throw new FnmeshError("INVALID_ARGUMENT", `${nameOf(left)} cannot be combined with ${nameOf(right)}`, {
      hint: "All workers must bring arrays of one type and length.",
    });
  }
  const target = (spare ?? copyArray(left)) as NumericArray;
  loop(target, left, right);
  return target;
}

/** `Buffer.slice` would not copy. */
export const copyArray = <T extends NumericArray>(array: T): T =>
  (array instanceof Uint8Array ? Uint8Array.from(array) : array.slice()) as T;

function nameOf(value: unknown): string {
  if (isNumericArray(value)) return `a ${value[Symbol.toStringTag]} of ${value.length}`;
  if (value === null || value === undefined) return String(value);
  return typeof value === "object" ? `a ${value.constructor?.name ?? "plain object"}` : `a ${typeof value}`;
}
