import fc from "fast-check";
import { expect, it } from "vitest";
import { splitLines, tail } from "./lines.ts";

function linesOf(chunks: readonly Uint8Array[], most?: number): string[] {
  const lines: string[] = [];
  const splitter = splitLines((line) => lines.push(line), most);
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.end();
  return lines;
}

it("gives the same lines however the bytes are cut", () => {
  const text = fc.array(fc.constantFrom("a", "é", "🐋", "\n", "\r\n", "bc"), { maxLength: 40 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(20)), (pieces, sizes) => {
      const bytes = Buffer.from(pieces.join(""));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const size of sizes) {
        chunks.push(bytes.subarray(at, at + size));
        at += size;
      }
      chunks.push(bytes.subarray(at));
      const wanted = pieces.join("").split(/\r?\n/);
      if (wanted.at(-1) === "") wanted.pop();
      expect(linesOf(chunks)).toEqual(wanted);
    }),
  );
});

it("cuts a line without an end", () => {
  expect(linesOf([Buffer.from("abcdefgh\nij")], 3)).toEqual(["abcdefgh", "ij"]);
  expect(linesOf([Buffer.from("abcdefgh")], 3)).toEqual(["abc", "def", "gh"]);
});

it("keeps the last lines, cut to a length", () => {
  const last = tail(2, 4);
  for (const line of ["first", "second", "third"]) last.add(line);
  expect(last.lines()).toEqual(["seco…", "thir…"]);
});
