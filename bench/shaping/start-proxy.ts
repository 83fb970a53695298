// Starts a shaping proxy's process, asks it, and sees to its end. Whatever ends this process ends it too.

import { type Figures, startAskedChild } from "../lib/asked-child.ts";
import type { ProgramOptions } from "./program.ts";

export interface ProxyProcess {
  readonly host: string;
  readonly port: number;
  /** What has passed so far, and `processorMs`, its own work. */
  counts(): Promise<Figures>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** `program`: the bundle of program.ts. Rejects with its words when it does not get so far as to listen. */
export async function startProxy(program: string, options: ProgramOptions): Promise<ProxyProcess> {
  const { said, ask, close } = await startAskedChild([program, JSON.stringify(options)]);
  return { host: options.host, port: said.port!, counts: ask, close };
}
