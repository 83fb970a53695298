import { expect, test } from "vitest";
import { createScreen } from "./screen.ts";

/** The least of a terminal: writes, wraps nothing, knows the sequences that the screen uses and no others. */
function terminal() {
  let rows: string[] = [""];
  let row = 0;
  let column = 0;
  let cursor = true;
  const write = (text: string) => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it reads
    for (const [token] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|\n|\r|[^\u001b\n\r]+/g)) {
      if (token === "\n") [row, column] = [row + 1, 0];
      else if (token === "\r") column = 0;
      else if (token === "\u001b[?25l") cursor = false;
      else if (token === "\u001b[?25h") cursor = true;
      else if (token === "\u001b[K") rows[row] = rows[row]!.slice(0, column);
      else if (token === "\u001b[J") {
        rows = rows.slice(0, row + 1);
        rows[row] = rows[row]!.slice(0, column);
      } else if (token.startsWith("\u001b[") && token.endsWith("A")) row -= Number(token.slice(2, -1));
      else if (token.startsWith("\u001b")) throw new Error(`an unknown sequence ${JSON.stringify(token)}`);
      else {
        rows[row] =
          rows[row]!.slice(0, column).padEnd(column) + token + rows[row]!.slice(column + token.length);
        column += token.length;
      }
      if (row < 0) throw new Error("the cursor left the terminal");
      rows[row] ??= "";
    }
  };
  return { write, lines: () => rows.join("\n").trimEnd().split("\n"), cursor: () => cursor };
}

test("a frame is drawn over the one before, also when it is shorter", () => {
  const screen = createScreen();
  const seen = terminal();
  seen.write("$ fnmesh run\n");
  seen.write(screen.draw(["aaaa", "bbbb", "cccc"], 80));
  expect(seen.cursor()).toBe(false);
  seen.write(screen.draw(["x", "y"], 80));
  expect(seen.lines()).toEqual(["$ fnmesh run", "x", "y"]);
});

test("lines are printed above the frame and stay", () => {
  const screen = createScreen();
  const seen = terminal();
  seen.write(screen.draw(["frame 1", "second"], 80));
  seen.write(screen.print("rank 3 says hello\nand goodbye\n", 80));
  expect(seen.lines()).toEqual(["rank 3 says hello", "and goodbye", "frame 1", "second"]);
  seen.write(screen.draw(["frame 2"], 80));
  expect(seen.lines()).toEqual(["rank 3 says hello", "and goodbye", "frame 2"]);
});

test("clearing takes the frame away and gives the cursor back, once", () => {
  const screen = createScreen();
  const seen = terminal();
  seen.write(screen.print("before", 80));
  seen.write(screen.draw(["frame"], 80));
  seen.write(screen.clear(80));
  expect(seen.lines()).toEqual(["before"]);
  expect(seen.cursor()).toBe(true);
  expect(screen.clear(80)).toBe("");
});

test("after the terminal became narrower, the rows of the wrapped old lines are taken back", () => {
  const screen = createScreen();
  screen.draw(["\u001b[1m1234567890\u001b[22m", "1234"], 10);
  expect(screen.draw(["new"], 4)).toContain("\r\u001b[4A\u001b[Jnew");
});
