// The seam between the listener, which finds out who a connection is, and the jobs, which know who may come.

import type { TLSSocket } from "node:tls";
import type { Endpoint } from "@fnmesh/core/internal";
import type { Identity, Purpose } from "@fnmesh/core/protocol";
import type { RefusalReason } from "./refusals.ts";

export interface ConnectionClaim extends Identity {
  readonly purpose: Purpose;
}

export interface Door {
  /** The key that whoever claims this must hold, or why nobody may. */
  keyOf(claim: ConnectionClaim): { readonly key: Uint8Array } | { readonly refused: RefusalReason };
  /** Takes over a connection that has proved its claim. */
  enter(claim: ConnectionClaim, socket: TLSSocket, observed: Endpoint): void;
  /** How many workers may still come: they get places beside the strangers. */
  expectedWorkers(): number;
}

/** The same for relay processes, which have no job. */
export interface RelayDoor {
  keyOf(id: string): { readonly key: Uint8Array } | { readonly refused: RefusalReason };
  enter(id: string, socket: TLSSocket, observed: Endpoint): void;
}
