// Bytes of a worker's stdout or stderr, as lines of bounded length: a worker that prints without end and without a
// line break costs no more memory than one line.

import { StringDecoder } from "node:string_decoder";

/** Longer lines are cut into several: enough for any line that a person will read. */
const mostLineCharacters = 16 * 1024;

export interface LineSplitter {
  push(bytes: Buffer): void;
  /** What follows the last line break is a line too. */
  end(): void;
}

export function splitLines(onLine: (line: string) => void, most = mostLineCharacters): LineSplitter {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const take = (text: string) => {
    const pieces = (rest + text).split("\n");
    rest = pieces.pop() ?? "";
    for (const piece of pieces) onLine(piece.endsWith("\r") ? piece.slice(0, -1) : piece);
    while (rest.length > most) {
      onLine(rest.slice(0, most));
      rest = rest.slice(most);
    }
  };
  return {
    push: (bytes) => take(decoder.write(bytes)),
    end() {
      take(decoder.end());
      if (rest !== "") onLine(rest);
      rest = "";
    },
  };
}

/** The last lines of a stream, bounded in number and in characters. */
export interface Tail {
  add(line: string): void;
  lines(): readonly string[];
}

/** V8 follows its "out of memory" line with a native stack trace of about 20 lines: 64 keep both. */
export function tail(mostLines = 64, mostCharacters = 256): Tail {
  const kept: string[] = [];
  return {
    add(line) {
      kept.push(line.length > mostCharacters ? `${line.slice(0, mostCharacters)}…` : line);
      if (kept.length > mostLines) kept.shift();
    },
    lines: () => kept,
  };
}
