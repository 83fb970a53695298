// The notes between workers without their orchestrator: in order, exactly once, in a later turn of the event loop.

import type { Notices } from "@fnmesh/core/internal";
import { mostNoteBytes } from "@fnmesh/core/protocol";

export interface NoticeBoard {
  of(rank: number): Notices;
  /** What was sent so far, of all workers. */
  readonly sent: { notes: number; bytes: number };
}

export function createNoticeBoard(): NoticeBoard {
  const listeners = new Map<number, (from: number, note: Uint8Array) => void>();
  const waiting = new Map<number, [number, Uint8Array][]>();
  const sent = { notes: 0, bytes: 0 };
  const deliver = (to: number) => {
    const listener = listeners.get(to);
    if (listener === undefined) return;
    for (const [from, note] of waiting.get(to)?.splice(0) ?? []) listener(from, note);
  };
  return {
    sent,
    of: (rank) => ({
      send: (peer, note) => {
        if (note.length >= mostNoteBytes) throw new Error(`a note of ${note.length} bytes`);
        sent.notes += 1;
        sent.bytes += note.length;
        const line = waiting.get(peer) ?? [];
        waiting.set(peer, line);
        line.push([rank, Uint8Array.from(note)]);
        setImmediate(() => deliver(peer));
      },
      onNote: (listener) => {
        listeners.set(rank, listener);
        setImmediate(() => deliver(rank));
      },
    }),
  };
}
