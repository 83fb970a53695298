// Who learns that a worker is not there any more.

import type { ErrorRecord } from "@fnmesh/core";
import type { JobParts } from "./job-parts.ts";

export interface PartingsOptions {
  readonly parts: JobParts;
  readonly hasFinished: (rank: number) => boolean;
  /** Ends a worker's relay connection. */
  readonly endRelay: (rank: number) => void;
  readonly onTrouble: (error: ErrorRecord) => void;
}

export class Partings {
  readonly #options: PartingsOptions;

  constructor(options: PartingsOptions) {
    this.#options = options;
  }

  /** A worker will not talk any more. */
  farewell(rank: number, reason: "finished" | "lost"): void {
    const { parts, endRelay, onTrouble } = this.#options;
    parts.crew.deliver(parts.introductions.leave(rank, reason));
    // A worker that has finished keeps its relay connection: peers may still read what it sent.
    if (reason === "lost") {
      parts.relay.close(rank);
      endRelay(rank);
    } else if (parts.barriers.leave(rank)) {
      onTrouble(stuckBarrier);
    }
  }

  /** `from` sent a relay frame to somebody who takes none any more. */
  undeliverable(from: number, to: number): void {
    const reason = this.#options.hasFinished(to) ? "finished" : "lost";
    this.#options.parts.crew.send(from, { type: "gone", peer: to, reason });
  }

  /** A relay connection ended before its worker did: what was under way on it may be lost to its relayed peers. */
  relayLost(rank: number): void {
    const { parts, hasFinished } = this.#options;
    if (hasFinished(rank)) return;
    for (const peer of parts.introductions.relayedPeers(rank)) {
      parts.crew.send(peer, { type: "gone", peer: rank, reason: "lost" });
    }
  }
}

export const stuckBarrier: ErrorRecord = {
  code: "PEER_FINISHED",
  message: "workers wait at a barrier to which a worker that has finished will not come",
  hint: "Every worker has to come to every barrier before its run returns.",
};
