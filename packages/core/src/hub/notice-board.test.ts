import { describe, expect, test } from "vitest";
import type { Note } from "../protocol/note.ts";
import { noticeBoard } from "./notice-board.ts";

/** Two boards, each the other's peer. */
function boards() {
  const sent: Note[] = [];
  const board = noticeBoard((note) => sent.push(note));
  return { board, sent };
}

const bytes = (...values: number[]) => Uint8Array.from(values);

describe("notices", () => {
  test("of several stores share one connection, and each store hears its own", () => {
    const { board, sent } = boards();
    const heard: [string, number, Uint8Array][] = [];
    board.channel(2).onNote((from, note) => heard.push(["two", from, note]));
    board.channel(5).onNote((from, note) => heard.push(["five", from, note]));
    board.channel(5).send(7, bytes(1, 2));
    board.channel(2).send(7, bytes());
    for (const { bytes: each } of sent) board.take({ rank: 3, bytes: each });
    expect(heard).toEqual([
      ["five", 3, bytes(1, 2)],
      ["two", 3, bytes()],
    ]);
    expect(sent.map(({ rank }) => rank)).toEqual([7, 7]);
  });

  test("that come before anybody listens are heard then, in order", () => {
    const { board } = boards();
    for (const value of [1, 2, 3]) board.take({ rank: 4, bytes: bytes(0, value) });
    const heard: number[] = [];
    board.channel(0).onNote((_, note) => heard.push(note[0]!));
    board.take({ rank: 4, bytes: bytes(0, 4) });
    expect(heard).toEqual([1, 2, 3, 4]);
  });

  test("that say nothing, or come for ever to nobody, break the protocol", () => {
    const { board } = boards();
    expect(() => board.take({ rank: 1, bytes: bytes() })).toThrow(
      expect.objectContaining({ code: "PROTOCOL" }),
    );
    expect(() => {
      for (let count = 0; count < 100_000; count += 1) board.take({ rank: 1, bytes: bytes(9) });
    }).toThrow(expect.objectContaining({ code: "PROTOCOL" }));
  });
});
