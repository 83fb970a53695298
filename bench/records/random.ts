// Numbers that look random and are the same for the same seed, on every machine: data to measure with.

/** All bits of the result depend on all of `value` (the finalizer of MurmurHash3). */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Of two numbers; the order matters. */
export const mixTwo = (one: number, other: number): number =>
  mix((mix(one) + Math.imul(other, 0x9e37_79b1)) | 0);
