// Whole numbers in as few bytes each as the widest of them needs: most keys' counts and most texts' lengths fit in one.
//
//   integers:  bytes each u8 (1, 2 or 4) | signed, little-endian

type Integers = Int8Array | Int16Array | Int32Array;

const widths = { 1: Int8Array, 2: Int16Array, 4: Int32Array } as const;

/** Each has to be from -2^31 to 2^31 - 1. */
export function encodeIntegers(values: readonly number[]): readonly [Uint8Array, Uint8Array] {
  let all = 0;
  // A negative one needs as many bits as its complement.
  for (const value of values) all |= value ^ (value >> 31);
  const width = all < 0x80 ? 1 : all < 0x8000 ? 2 : 4;
  const numbers: Integers = new widths[width](values);
  return [Uint8Array.of(width), new Uint8Array(numbers.buffer)];
}

/** `take` gives the next so many bytes. Throws RangeError. */
export function decodeIntegers(take: (bytes: number) => Uint8Array, count: number): number[] {
  const width = take(1)[0] as keyof typeof widths;
  const kind = widths[width];
  if (kind === undefined) throw new RangeError(`integers of ${width} bytes`);
  return numbersOf(new kind(aligned(take(count * width))));
}

/** Copied, because numbers of more than one byte have to be aligned. */
export const aligned = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer as ArrayBuffer;

/** Faster than `Array.from`, which asks an iterator for each. */
export function numbersOf(values: Integers | Float64Array): number[] {
  const numbers = new Array<number>(values.length);
  for (let index = 0; index < values.length; index += 1) numbers[index] = values[index]!;
  return numbers;
}
