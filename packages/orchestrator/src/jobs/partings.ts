// Who learns that a worker is not there any more.

import type { ErrorRecord } from "@fnmesh/core";
import type { JobParts } from "./job-parts.ts";

export interface PartingsOptions {
  readonly parts: JobParts;
  readonly hasFinished: (rank: number) => boolean;
  /** Whether no attempt of it belongs to the job any more. */
  readonly hasGone: (rank: number) => boolean;
  readonly onTrouble: (error: ErrorRecord) => void;
}

export class Partings {
  readonly #options: PartingsOptions;

  constructor(options: PartingsOptions) {
    this.#options = options;
  }

  /** A worker will not talk any more. */
  farewell(rank: number, reason: "finished" | "lost"): void {
    const { parts, onTrouble } = this.#options;
    parts.crew.deliver(parts.introductions.leave(rank, reason));
    // A worker that has finished keeps its relay connection: peers may still read what it sent.
    if (reason === "lost") {
      parts.relay.gone(rank);
      parts.relay.end(rank);
    } else if (parts.barriers.leave(rank)) {
      onTrouble(stuckBarrier);
    }
  }

  /** `from` sent a relay frame to somebody who takes none there any more. */
  undeliverable(from: number, to: number): void {
    const { parts, hasFinished, hasGone } = this.#options;
    const reason = hasFinished(to) ? "finished" : "lost";
    // One that is still there has only lost its relay connection: it asks for another way by itself.
    if (reason === "finished" || hasGone(to)) parts.crew.send(from, { type: "gone", peer: to, reason });
  }

  /** A relay connection has ended. Its worker asks for other ways by itself, and may come again, unless it has finished. */
  relayEnded(rank: number): void {
    if (this.#options.hasFinished(rank)) this.#options.parts.relay.gone(rank);
  }
}

export const stuckBarrier: ErrorRecord = {
  code: "PEER_FINISHED",
  message: "workers wait at a barrier to which a worker that has finished will not come",
  hint: "Every worker has to come to every barrier before its run returns.",
};
