// Whole numbers in as few bytes each as the widest of them needs: most keys' counts and most texts' lengths fit in one.
//
//   integers:  bytes each u8 (1, 2 or 4) | signed, little-endian

type Read = (view: DataView, at: number) => number;

const readers: Readonly<Record<number, Read>> = {
  1: (view, at) => view.getInt8(at),
  2: (view, at) => view.getInt16(at, true),
  4: (view, at) => view.getInt32(at, true),
};

/** Bytes for each. All have to be from -2^31 to 2^31 - 1. */
export function widthOf(values: readonly number[]): 1 | 2 | 4 {
  let all = 0;
  // A negative one needs as many bits as its complement.
  for (const value of values) all |= value ^ (value >> 31);
  return all < 0x80 ? 1 : all < 0x8000 ? 2 : 4;
}

/** `take` gives the next so many bytes. Throws RangeError. */
export function decodeIntegers(take: (bytes: number) => Uint8Array, count: number): number[] {
  const width = take(1)[0]!;
  const read = readers[width];
  if (read === undefined) throw new RangeError(`integers of ${width} bytes`);
  return numbersOf(take(count * width), width, read);
}

export const decodeFloats = (bytes: Uint8Array): number[] =>
  numbersOf(bytes, 8, (view, at) => view.getFloat64(at, true));

/** One by one, as they need not be aligned: an aligned copy would be memory outside of the heap for each column. */
function numbersOf(bytes: Uint8Array, width: number, read: Read): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = new Array<number>(bytes.length / width);
  for (let index = 0; index < numbers.length; index += 1) numbers[index] = read(view, index * width);
  return numbers;
}
