// Text to words: a word is a maximal run of ASCII letters, lower-cased. Bytes come in chunks cut anywhere, even within
// a word. Everything that is not an ASCII letter ends a word, so text in any ASCII-compatible encoding will do.

import { hashStart, hashStep, type WordTable } from "./word-table.ts";

export interface WordReader {
  push(chunk: Uint8Array): void;
  /** The text ends here, and with it a word. */
  end(): void;
  /** How many words have been read. */
  words(): number;
}

const caseBit = 0x20;

/** By byte: the lower-case letter that it is, or 0. */
const letterOf = Uint8Array.from({ length: 256 }, (_, byte) => {
  const lower = byte | caseBit;
  return lower >= 97 && lower <= 122 ? lower : 0;
});

/** Counts the words of a text into `table`. */
export function readWords(table: WordTable): WordReader {
  /** The word that is being read: it may have begun in an earlier chunk. */
  let word = new Uint8Array(256);
  let length = 0;
  let hash = hashStart;
  let words = 0;

  return {
    push(chunk) {
      // Copies of the state: the loop keeps them in registers.
      let [buffer, filled, running] = [word, length, hash];
      for (let at = 0; at < chunk.length; at++) {
        const letter = letterOf[chunk[at]!]!;
        if (letter !== 0) {
          if (filled === buffer.length) buffer = longer(buffer);
          buffer[filled++] = letter;
          running = hashStep(running, letter);
        } else if (filled > 0) {
          table.add(buffer, 0, filled, running, 1);
          words += 1;
          filled = 0;
          running = hashStart;
        }
      }
      [word, length, hash] = [buffer, filled, running];
    },
    end() {
      if (length === 0) return;
      table.add(word, 0, length, hash, 1);
      words += 1;
      length = 0;
      hash = hashStart;
    },
    words: () => words,
  };
}

function longer(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.length * 2);
  copy.set(bytes);
  return copy;
}
