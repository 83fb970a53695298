// Listening, with an error that says what to do when the address cannot be had.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import type { Listener, Net, Socket } from "@fnmesh/core/internal";

const explanations: Readonly<Record<string, { readonly code: ErrorCode; readonly hint: string }>> = {
  EADDRINUSE: {
    code: "PORT_IN_USE",
    hint: "Another process listens there; choose another port, or 0 for any that is free.",
  },
  EACCES: { code: "INVALID_ARGUMENT", hint: "Ports below 1024 need privileges; choose a higher one." },
  EADDRNOTAVAIL: { code: "INVALID_ARGUMENT", hint: "This machine does not have that address." },
  ENOTFOUND: { code: "INVALID_ARGUMENT", hint: "Give an IP address or a name that can be resolved." },
};

/** Rejects with PORT_IN_USE, INVALID_ARGUMENT, or ORCHESTRATOR_UNAVAILABLE for anything else. */
export async function bind(
  net: Net,
  host: string,
  port: number,
  onConnection: (socket: Socket) => void,
): Promise<Listener> {
  try {
    return await net.listen({ host, port, onConnection });
  } catch (cause) {
    const known = explanations[(cause as NodeJS.ErrnoException).code ?? ""];
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new FnmeshError(
      known?.code ?? "ORCHESTRATOR_UNAVAILABLE",
      `cannot listen on ${host} port ${port}: ${detail}`,
      { cause, ...(known === undefined ? {} : { hint: known.hint }) },
    );
  }
}
