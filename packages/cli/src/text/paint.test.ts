import { expect, test } from "vitest";
import { paint, piece, styleOf } from "./paint.ts";

const line = [piece("map", "bold"), piece("  done  ", "good"), piece("  ")];

test("colours do not count as columns, and a cut keeps them closed", () => {
  expect(paint(line, { columns: 80, colors: false })).toBe("map  done");
  expect(paint(line, { columns: 80, colors: true })).toBe("\u001b[1mmap\u001b[22m\u001b[32m  done\u001b[39m");
  expect(paint(line, { columns: 7, colors: false })).toBe("map  d…");
  expect(paint(line, { columns: 7, colors: true })).toBe("\u001b[1mmap\u001b[22m\u001b[32m  d…\u001b[39m");
  expect(paint(line, { columns: 3, colors: false })).toBe("map");
});

test("a terminal's style follows its size, its locale and the colour variables", () => {
  const tty = { isTTY: true, columns: 100 };
  expect(styleOf(tty, { LANG: "de_DE.UTF-8" })).toEqual({ columns: 100, colors: true, unicode: true });
  expect(styleOf(tty, { LANG: "C" }).unicode).toBe(false);
  expect(styleOf(tty, { LANG: "C.UTF-8", NO_COLOR: "1" }).colors).toBe(false);
  expect(styleOf(tty, { LANG: "C.UTF-8", TERM: "dumb" }).colors).toBe(false);
  expect(styleOf({ isTTY: true, columns: 0 }, {}).columns).toBe(80);
});

test("a pipe is neither cut nor coloured unless it is forced to be", () => {
  expect(styleOf({}, {})).toEqual({ columns: Number.MAX_SAFE_INTEGER, colors: false, unicode: true });
  expect(styleOf({}, { FORCE_COLOR: "1" }).colors).toBe(true);
  expect(styleOf({}, { FORCE_COLOR: "0" }).colors).toBe(false);
  expect(styleOf({}, { FORCE_COLOR: "1", NO_COLOR: "1" }).colors).toBe(false);
});
