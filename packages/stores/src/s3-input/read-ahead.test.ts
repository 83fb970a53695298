import { setMaxListeners } from "node:events";
import { FnmeshError } from "@fnmesh/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createReadAhead } from "./read-ahead.ts";

/** Texts whose bytes tell where they are; each fetch waits until it is let go. */
function library(sizes: readonly number[], pieceBytes: number, mostAheadBytes: number) {
  const asked: string[] = [];
  const aborted: string[] = [];
  let pending = 0;
  let most = 0;
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const ahead = createReadAhead({
    sizes,
    pieceBytes,
    mostAheadBytes,
    signal: ending.signal,
    fetch: (text, offset, length, signal) => {
      asked.push(`${text}:${offset}+${length}`);
      pending += length;
      most = Math.max(most, pending);
      return new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => aborted.push(`${text}:${offset}`));
        setImmediate(() => {
          pending -= length;
          if (signal.aborted) reject(signal.reason);
          else resolve(Uint8Array.from({ length }, (_, index) => (text * 31 + offset + index) % 251));
        });
      });
    },
  });
  return { ahead, asked, aborted, ending, most: () => most };
}

const whole = (text: number, size: number) =>
  Array.from({ length: size }, (_, index) => (text * 31 + index) % 251);

async function all(pieces: AsyncIterable<Uint8Array>): Promise<number[]> {
  const bytes: number[] = [];
  for await (const piece of pieces) bytes.push(...piece);
  return bytes;
}

describe("texts read piece by piece", () => {
  test("are whole, in whatever order they are read, each byte fetched once, and never too much at a time", async () => {
    const order = fc.array(fc.nat(400), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(order, fc.boolean(), fc.boolean(), async (sizes, shuffled, together) => {
        const { ahead, asked, most } = library(sizes, 50, 150);
        const texts = sizes.map((_, index) => index);
        if (shuffled) texts.reverse();
        const read = async (text: number) =>
          expect(await all(ahead.pieces(text))).toEqual(whole(text, sizes[text]!));
        if (together) await Promise.all(texts.map(read));
        else for (const text of texts) await read(text);
        expect(new Set(asked).size).toBe(asked.length);
        // A text's own pieces and those of the texts after it.
        if (!together) expect(most()).toBeLessThanOrEqual(2 * (150 + 50));
      }),
    );
  });

  test("one after the other have the next ones ahead of time", async () => {
    const { ahead, asked } = library(Array(40).fill(10), 50, 150);
    const reading = ahead.pieces(0);
    await reading.next();
    expect(asked).toEqual(Array.from({ length: 15 }, (_, text) => `${text}:0+10`));
    await reading.next();
    expect(await all(ahead.pieces(1))).toEqual(whole(1, 10));
    expect(asked.filter((name) => name.startsWith("1:"))).toHaveLength(1);
  });

  test("here and there have no more than their own", async () => {
    const { ahead, asked } = library([100, 100, 100, 100], 50, 150);
    await all(ahead.pieces(2));
    expect(asked).toEqual(["2:0+50", "2:50+50"]);
  });

  test("may be read again", async () => {
    const { ahead } = library([120, 30], 50, 150);
    for (let round = 0; round < 2; round += 1) {
      expect(await all(ahead.pieces(0))).toEqual(whole(0, 120));
      expect(await all(ahead.pieces(1))).toEqual(whole(1, 30));
    }
  });
});

describe("what is under way", () => {
  test("ends when its reader has enough", async () => {
    const { ahead, aborted } = library([500], 50, 150);
    for await (const piece of ahead.pieces(0)) {
      expect(piece).toHaveLength(50);
      break;
    }
    expect(aborted).toEqual(["0:0", "0:50", "0:100"]);
  });

  test("ends with the whole input, and its readers are told why", async () => {
    const { ahead, ending } = library([500, 500], 50, 150);
    const reading = ahead.pieces(0);
    await reading.next();
    const reason = new FnmeshError("CLOSED", "enough");
    ending.abort(reason);
    await expect(all(reading)).rejects.toBe(reason);
    await expect(ahead.pieces(1).next()).rejects.toBe(reason);
  });
});
