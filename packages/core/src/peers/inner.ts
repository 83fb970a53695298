// Messages with tags that a user's never have: what groups and collectives are made of. A job's code brings its
// collectives along, and the function's runtime brings the peers, so they meet at a symbol and not at an import.

import type { Delivery, Wanted } from "../channel/mailbox.ts";
import { FnmeshError } from "../errors/errors.ts";
import type { Encoded } from "../values/values.ts";
import type { Peers } from "./peers.ts";

export interface InnerPeers {
  /** Tags from 0 to 2^31 - 1, apart from the users'. Resolves and rejects as `Peers.send` does. */
  send(to: number, tag: number, encoded: Encoded): Promise<void>;
  /** From any rank where `from` is undefined. Rejects as `Peers.receive` does. */
  receive(
    from: number | undefined,
    tag: number,
    lane: Wanted["lane"],
    signal?: AbortSignal,
  ): Promise<Delivery>;
}

/** What a job's code gets from the runtime beside its peers. */
export interface Inner extends InnerPeers {
  /** A module that goes with the job, apart from its code. Rejects as the download of the code does. */
  load(wanted: ModuleName): Promise<object>;
}

export interface ModuleName {
  /** SHA-256 of its text, hex. */
  readonly hash: string;
  readonly bytes: number;
}

export const inner: unique symbol = Symbol.for("fnmesh.inner") as never;

export interface PeersWithInner extends Peers {
  readonly [inner]: Inner;
}

/** A runtime without them is told of when they are needed: a job may have no use for groups. */
export function innerOf(peers: Peers): InnerPeers {
  const missing = async () => {
    throw new FnmeshError("VERSION", "this runtime has no collectives", {
      hint: "Deploy the function and the orchestrator from one release.",
    });
  };
  return (peers as Partial<PeersWithInner>)[inner] ?? { send: missing, receive: missing };
}
