// What one event makes the orchestrator tell its workers: gathered by worker, then given out as messages that fit.

import type { MessageBody, OrchestratorMessage } from "@fnmesh/core/protocol";

export type Introduction = MessageBody<OrchestratorMessage, "introduce">["peers"][number];
type Route = Omit<MessageBody<OrchestratorMessage, "route">, "type">;
type GoneReason = MessageBody<OrchestratorMessage, "gone">["reason"];

/**
 * An introduction has at most 32 candidates of some 110 bytes: so many of them stay below half of the longest frame
 * (mostControlFrameBytes).
 */
export const mostIntroductionsPerMessage = 128;

interface Letter {
  readonly introductions: Introduction[];
  readonly others: OrchestratorMessage[];
}

export class Orders {
  readonly #letters = new Map<number, Letter>();

  introduce(to: number, introduction: Introduction): void {
    this.#letter(to).introductions.push(introduction);
  }

  route(to: number, route: Route): void {
    this.#letter(to).others.push({ type: "route", ...route });
  }

  noroute(to: number, peer: number, reason: string): void {
    this.#letter(to).others.push({ type: "noroute", peer, reason });
  }

  gone(to: number, peer: number, reason: GoneReason): void {
    this.#letter(to).others.push({ type: "gone", peer, reason });
  }

  recipients(): Iterable<number> {
    return this.#letters.keys();
  }

  /** All messages, those for one worker together. */
  *messages(): Generator<readonly [rank: number, message: OrchestratorMessage]> {
    for (const [rank, { introductions, others }] of this.#letters) {
      for (let at = 0; at < introductions.length; at += mostIntroductionsPerMessage) {
        yield [rank, { type: "introduce", peers: introductions.slice(at, at + mostIntroductionsPerMessage) }];
      }
      for (const message of others) yield [rank, message];
    }
  }

  #letter(to: number): Letter {
    const known = this.#letters.get(to);
    if (known !== undefined) return known;
    const letter: Letter = { introductions: [], others: [] };
    this.#letters.set(to, letter);
    return letter;
  }
}
