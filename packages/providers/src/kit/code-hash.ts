// What tells one function's code from another in a label or an annotation.

import { createHash } from "node:crypto";

/** Labels take 63 characters, so no whole SHA-256 in hex. 160 bits tell as much here. */
const hashCharacters = 40;

/** 40 characters of 0-9a-f. */
export function codeHash(...texts: readonly (string | Uint8Array)[]): string {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, hashCharacters);
}
