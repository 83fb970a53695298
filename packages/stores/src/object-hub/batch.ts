// Frames that become one object: those of a peer side by side, so that it reads them in one piece. Pure.

import { peerHeaderBytes } from "@fnmesh/core/internal";
import { encodePayload, encodeRun } from "./note.ts";

interface Section {
  readonly first: number;
  count: number;
  readonly pieces: Uint8Array[];
  bytes: number;
}

export interface Laid {
  readonly parts: readonly Uint8Array[];
  /** What each peer is to be told. */
  readonly entries: ReadonlyMap<number, Uint8Array>;
}

/** Pieces below this are copied together: a thousand small writes cost more than one copy. */
const smallBytes = 16 * 1024;

export class Batch {
  readonly #sections = new Map<number, Section>();
  /** What the object would have. */
  bytes = 0;

  has(peer: number): boolean {
    return this.#sections.has(peer);
  }

  /** A peer's frames have numbers without gaps. The memory must not change any more. */
  add(peer: number, number: number, pieces: readonly Uint8Array[]): void {
    let section = this.#sections.get(peer);
    if (section === undefined) {
      section = { first: number, count: 0, pieces: [], bytes: 0 };
      this.#sections.set(peer, section);
    }
    section.count += 1;
    for (const piece of pieces) {
      section.pieces.push(piece);
      section.bytes += piece.length;
      this.bytes += piece.length;
    }
  }

  lay(object: number): Laid {
    const entries = new Map<number, Uint8Array>();
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (const [peer, section] of this.#sections) {
      entries.set(peer, entryOf(section, object, offset));
      for (const piece of section.pieces) pieces.push(piece);
      offset += section.bytes;
    }
    return { parts: merged(pieces), entries };
  }
}

/** A single frame's header goes with the note: its reader can give the payload its place at once. */
function entryOf({ first, count, pieces, bytes }: Section, object: number, offset: number): Uint8Array {
  return count === 1
    ? encodePayload(first, pieces[0]!, object, offset + peerHeaderBytes)
    : encodeRun(first, count, { object, offset, length: bytes });
}

function merged(pieces: readonly Uint8Array[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = () => {
    if (small.length > 0) parts.push(small.length === 1 ? small[0]! : Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (piece.length < smallBytes) {
      small.push(piece);
    } else {
      join();
      parts.push(piece);
    }
  }
  join();
  return parts;
}
