// Which run of this machine's kernel it is: what two processes have to share before a word about one means anything to
// the other.

import { readFile } from "node:fs/promises";

/** Eight hex digits; one and the same where the system does not say. */
export async function bootId(): Promise<string> {
  const id = await readFile("/proc/sys/kernel/random/boot_id", "latin1").catch(() => "00000000");
  return id.slice(0, 8);
}
