// What Lambda takes a function's code in. The same code gives the same bytes, whatever Node packs it, and its hash tells
// whether what is deployed is this.

import { createHash } from "node:crypto";
import { zipOf } from "../kit/archive.ts";

export interface CodeArchive {
  readonly bytes: Uint8Array;
  /** As Lambda tells it: base64. */
  readonly sha256: string;
}

/** An archive of one file with an ASCII name. */
export function codeArchive(name: string, code: Uint8Array): CodeArchive {
  const bytes = zipOf({ [name]: code });
  return { bytes, sha256: createHash("sha256").update(bytes).digest("base64") };
}
