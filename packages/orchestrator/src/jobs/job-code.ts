// A job's module as workers get it: its bytes, known by their hash.

import { createHash } from "node:crypto";

export interface JobCode {
  /** SHA-256, hex. */
  readonly hash: string;
  readonly bytes: Uint8Array;
}

export function jobCode(source: string): JobCode {
  const bytes = new TextEncoder().encode(source);
  return { bytes, hash: createHash("sha256").update(bytes).digest("hex") };
}
