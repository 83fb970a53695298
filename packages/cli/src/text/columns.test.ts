import { expect, test } from "vitest";
import { columnsOf, cut, fit, oneLine, printable } from "./columns.ts";

test("a stranger's text cannot drive the terminal", () => {
  expect(printable("a\u001b[31mred\u001b[0m\u001b[2Jb")).toBe("aredb");
  expect(printable("\u001b]0;title\u0007x\u001b]8;;http://evil\u001b\\link")).toBe("xlink");
  expect(printable("back\b\b\rover\u009bwritten\u202e")).toBe("backoverwritten");
  expect(printable("kept\n\tlines\r\n")).toBe("kept\n  lines\n");
  expect(oneLine("  two\n   lines\n")).toBe("two lines");
});

test("columns count wide characters twice and marks not at all", () => {
  expect(columnsOf("plain")).toBe(5);
  expect(columnsOf("日本")).toBe(4);
  expect(columnsOf("e\u0301")).toBe(1);
  expect(columnsOf("👍🏽 ok")).toBe(5);
});

test("a cut never passes the width and says that it is one", () => {
  expect(cut("reduce-by-key", 13)).toBe("reduce-by-key");
  expect(cut("reduce-by-key", 8)).toBe("reduce-…");
  expect(cut("日本語", 4)).toBe("日…");
  expect(cut("abc", 1)).toBe("…");
  expect(cut("abc", 0)).toBe("");
});

test("fit fills to the exact width on either side", () => {
  expect(fit("map", 6)).toBe("map   ");
  expect(fit("7", 3, "right")).toBe("  7");
  expect(fit("日本", 5)).toBe("日本 ");
  expect(columnsOf(fit("日本語", 4))).toBe(4);
});
