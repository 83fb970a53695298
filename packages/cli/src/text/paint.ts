// Lines as pieces with a tone each: laid out and cut by what is seen, coloured last, so that colours never miscount.

import pc from "picocolors";
import { columnsOf, cut } from "./columns.ts";

export type Tone = "plain" | "dim" | "bold" | "good" | "bad" | "busy";

export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Piece[];

export const piece = (text: string, tone: Tone = "plain"): Piece => ({ text, tone });

/** What a stream can show. */
export interface Style {
  readonly columns: number;
  readonly colors: boolean;
  /** Whether block characters and marks beyond ASCII are shown as such. */
  readonly unicode: boolean;
}

/** The line as text of at most `columns`, coloured if the style says so. Spaces at the end are dropped. */
export function paint(line: Line, { columns, colors }: Pick<Style, "columns" | "colors">): string {
  const tones = painters[colors ? "colored" : "bare"];
  let left = columns;
  let painted = "";
  for (const { text, tone } of withoutTrailingSpace(line)) {
    if (left <= 0) break;
    const shown = cut(text, left);
    left -= columnsOf(shown);
    painted += tones[tone](shown);
    if (shown !== text) break;
  }
  return painted;
}

function withoutTrailingSpace(line: Line): Line {
  const last = line.at(-1);
  if (last === undefined) return line;
  const text = last.text.trimEnd();
  if (text !== "") return [...line.slice(0, -1), { ...last, text }];
  return withoutTrailingSpace(line.slice(0, -1));
}

type Painters = Readonly<Record<Tone, (text: string) => string>>;

function paintersFor(colors: boolean): Painters {
  const to = pc.createColors(colors);
  return { plain: (text) => text, dim: to.dim, bold: to.bold, good: to.green, bad: to.red, busy: to.cyan };
}

const painters = { colored: paintersFor(true), bare: paintersFor(false) };

interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What this stream can show, by its kind and the usual variables (https://no-color.org, FORCE_COLOR, the locale). */
export function styleOf(stream: Stream, environment: Environment): Style {
  const terminal = stream.isTTY === true && environment.TERM !== "dumb";
  const forced = environment.FORCE_COLOR !== undefined && environment.FORCE_COLOR !== "0";
  const refused = (environment.NO_COLOR ?? "") !== "";
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || "";
  return {
    columns: terminal ? Math.max(20, stream.columns || 80) : Number.MAX_SAFE_INTEGER,
    colors: !refused && (terminal || forced),
    // A terminal in the C locale shows UTF-8 as rubbish; a file or pipe is read as UTF-8 by everyone.
    unicode: stream.isTTY !== true || /utf-?8/i.test(locale) || environment.TERM_PROGRAM !== undefined,
  };
}
