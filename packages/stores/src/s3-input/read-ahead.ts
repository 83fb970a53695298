// Texts that are read piece by piece, the next pieces fetched while one is worked on: a round trip to an object store
// takes as long as a megabyte. Who reads one text after another gets the beginning of the next ones ahead, too: small
// objects would otherwise cost a round trip each.

import { setMaxListeners } from "node:events";

export interface ReadAheadOptions {
  /** Of each text, in order. */
  readonly sizes: readonly number[];
  readonly pieceBytes: number;
  /** So many bytes of a text that is read, and so many of those after it, may be on their way or wait. */
  readonly mostAheadBytes: number;
  /** Resolves with exactly so many bytes of a text. */
  readonly fetch: (text: number, offset: number, length: number, signal: AbortSignal) => Promise<Uint8Array>;
  /** Ends what is fetched for texts that nobody reads yet. */
  readonly signal: AbortSignal;
}

export interface ReadAhead {
  /** The text's pieces, in order. Rejects as `fetch` does. Ending it ends what is under way for it. */
  pieces(text: number): AsyncGenerator<Uint8Array>;
}

/** Small texts of which as many are fetched at once as hide a round trip. */
const mostParked = 16;

interface Pieces {
  readonly coming: Promise<Uint8Array>[];
  /** Where the next one begins. */
  asked: number;
}

export function createReadAhead({
  sizes,
  pieceBytes,
  mostAheadBytes,
  fetch,
  signal,
}: ReadAheadOptions): ReadAhead {
  const begun = new Set<number>();
  const parked = new Map<number, Pieces>();

  const ask = (text: number, pieces: Pieces, within: AbortSignal): void => {
    const length = Math.min(pieceBytes, sizes[text]! - pieces.asked);
    const piece = fetch(text, pieces.asked, length, within);
    piece.catch(() => {}); // Who comes to this piece meets the error.
    pieces.coming.push(piece);
    pieces.asked += length;
  };
  const mayAsk = (text: number, pieces: Pieces, bytes: number) =>
    pieces.asked < sizes[text]! && bytes < mostAheadBytes;

  /** Fetches beginnings of the texts after one of which `waiting` bytes are still under way. */
  function park(after: number, waiting: number): void {
    let bytes = waiting + [...parked.values()].reduce((sum, { asked }) => sum + asked, 0);
    for (let text = after + 1; text < sizes.length && bytes < mostAheadBytes; text += 1) {
      if (begun.has(text) || parked.size === mostParked) return;
      const pieces = parked.get(text) ?? { coming: [], asked: 0 };
      const before = pieces.asked;
      while (mayAsk(text, pieces, bytes + pieces.asked - before)) ask(text, pieces, signal);
      if (pieces.asked > 0) parked.set(text, pieces);
      bytes += pieces.asked - before;
    }
  }

  function take(text: number): Pieces {
    begun.add(text);
    const pieces = parked.get(text) ?? { coming: [], asked: 0 };
    // Those before it were passed over.
    for (const each of parked.keys()) if (each <= text) parked.delete(each);
    return pieces;
  }

  return {
    async *pieces(text) {
      const isNext = text === 0 || begun.has(text - 1);
      const ending = new AbortController();
      const within = AbortSignal.any([signal, ending.signal]);
      setMaxListeners(0, within); // Each piece on its way listens.
      const pieces = take(text);
      try {
        for (let read = 0; read < sizes[text]!; ) {
          while (mayAsk(text, pieces, pieces.asked - read)) ask(text, pieces, within);
          if (isNext && pieces.asked === sizes[text]!) park(text, pieces.asked - read);
          const piece = await pieces.coming.shift()!;
          read += piece.length;
          yield piece;
        }
      } finally {
        ending.abort();
      }
    },
  };
}
