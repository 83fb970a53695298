// Drawing over what was drawn before, in place, at the terminal's last lines. Pure: it turns frames into the text to
// write, and remembers what stands on the screen.

import { columnsOf } from "../text/columns.ts";

const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";
const clearBelow = "\u001b[J";
const clearToLineEnd = "\u001b[K";
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : "");
// biome-ignore lint/suspicious/noControlCharactersInRegex: the colours that `paint` puts in
const colors = /\u001b\[\d+m/g;

export interface Screen {
  /** The text that replaces the last frame by this one. */
  draw(lines: readonly string[], columns: number): string;
  /** The text that puts whole lines above the frame, which is then drawn again below them. */
  print(text: string, columns: number): string;
  /** The text that takes the frame away and gives the cursor back. Empty if nothing was drawn. */
  clear(columns: number): string;
}

/**
 * @example
 * const screen = createScreen();
 * stream.write(screen.draw(renderFrame(snapshot, style), stream.columns));
 * stream.write(screen.clear(stream.columns));
 */
export function createScreen(): Screen {
  let shown: readonly string[] = [];
  let width = 0;
  let hidden = false;

  /** To the first column of the frame's first row. A terminal that was made narrower has wrapped the old lines. */
  const home = (columns: number) => {
    const rows = shown.reduce((sum, line) => sum + rowsOf(line, columns), 0);
    return shown.length === 0 ? "" : `\r${up(rows)}`;
  };
  /** Terminals remember which rows were wrapped, and would join them again: after a resize they are cleared first. */
  const start = (columns: number) => {
    const resized = shown.length > 0 && columns !== width;
    width = columns;
    return `${home(columns)}${resized ? clearBelow : ""}`;
  };
  const body = (lines: readonly string[]) => lines.map((line) => `${line}${clearToLineEnd}\n`).join("");

  return {
    draw(lines, columns) {
      const text = `${hidden ? "" : hideCursor}${start(columns)}${body(lines)}${clearBelow}`;
      [shown, hidden] = [lines, true];
      return text;
    },
    // Written over, not cleared first: a clear from the screen's first row puts the old frame into some scrollbacks.
    print: (text, columns) => `${start(columns)}${body(text.replace(/\n$/, "").split("\n"))}${body(shown)}`,
    clear(columns) {
      const text = `${home(columns)}${shown.length === 0 ? "" : clearBelow}${hidden ? showCursor : ""}`;
      [shown, hidden] = [[], false];
      return text;
    },
  };
}

const rowsOf = (line: string, columns: number) =>
  Math.max(1, Math.ceil(columnsOf(line.replace(colors, "")) / Math.max(1, columns)));
