// Tells peers where their frames are: what is to be said within one turn of the event loop goes in one note.

import type { HubPeer, Notices } from "@fnmesh/core/internal";
import { mostNoteBytes } from "@fnmesh/core/protocol";
import { encodeNotes } from "./note.ts";

/** Whoever passes notes on may put its own few bytes before them. */
const roomBytes = 64;

export class NoteWriter {
  readonly #notices: Notices;
  readonly #attempt: number;
  readonly #waiting = new Map<HubPeer, Uint8Array[]>();
  #turn: NodeJS.Immediate | undefined;

  /** `attempt`: our own. */
  constructor(notices: Notices, attempt: number) {
    this.#notices = notices;
    this.#attempt = attempt;
  }

  add(peer: HubPeer, entry: Uint8Array): void {
    const entries = this.#waiting.get(peer);
    if (entries === undefined) this.#waiting.set(peer, [entry]);
    else entries.push(entry);
    this.#turn ??= setImmediate(() => this.flush());
  }

  flush(): void {
    this.#clearTurn();
    for (const [peer, entries] of this.#waiting) {
      const head = { from: this.#attempt, to: peer.attempt };
      for (const note of encodeNotes(head, entries, mostNoteBytes - roomBytes))
        this.#notices.send(peer.rank, note);
    }
    this.#waiting.clear();
  }

  /** Nothing more is said. */
  stop(): void {
    this.#clearTurn();
    this.#waiting.clear();
  }

  #clearTurn(): void {
    if (this.#turn !== undefined) clearImmediate(this.#turn);
    this.#turn = undefined;
  }
}
