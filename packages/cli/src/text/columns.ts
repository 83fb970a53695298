// Text in terminal columns: what is shown of a stranger's string, how wide it is, and how to cut it to fit.

// C0 and C1 controls, and the marks that reorder what follows: a job's log line must not drive the terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it removes
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// CSI and OSC sequences whole: without the introducer alone, their rest would stay as rubbish.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it removes
const escapes = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?/g;

/** The text without escape sequences and control characters; tabs become two spaces, line feeds stay. */
export function printable(text: string): string {
  return text.replace(escapes, "").replace(/\r\n/g, "\n").replace(/\t/g, "  ").replace(controls, "");
}

/** The same on one line: line feeds become spaces. */
export function oneLine(text: string): string {
  return printable(text)
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
// East Asian wide and full-width forms (UAX #11), by their large blocks, and pictures shown as emoji.
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
const asciiOnly = /^[\x20-\x7e]*$/;

/** Columns that a printable line takes in a terminal. */
export function columnsOf(line: string): number {
  if (asciiOnly.test(line)) return line.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(line)) columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** At most `columns` of the line; a cut shows as `…`. */
export function cut(line: string, columns: number): string {
  if (columnsOf(line) <= columns) return line;
  if (columns <= 0) return "";
  let taken = "";
  let used = 0;
  for (const { segment } of graphemes.segment(line)) {
    const width = columnsOf(segment);
    if (used + width > columns - 1) break;
    taken += segment;
    used += width;
  }
  return `${taken}…`;
}

/** The line, cut or filled with spaces to exactly `columns`. */
export function fit(line: string, columns: number, align: "left" | "right" = "left"): string {
  const text = cut(line, columns);
  const fill = " ".repeat(Math.max(0, columns - columnsOf(text)));
  return align === "left" ? text + fill : fill + text;
}
