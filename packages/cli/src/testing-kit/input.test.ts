import { defineJob } from "@fnmesh/core";
import { describe, expect, it } from "vitest";
import { runJob } from "./index.ts";

const texts = defineJob({
  async run({ input }) {
    const read: [string, string[]][] = [];
    for (const split of input) {
      const chunks: string[] = [];
      for await (const chunk of split.chunks()) chunks.push(String(Buffer.from(chunk)));
      expect(String(Buffer.from(await split.read()))).toBe(chunks.join(""));
      read.push([split.name, chunks]);
    }
    return read;
  },
});

describe("input", () => {
  it("is shared out evenly, cut where lines begin", async () => {
    const lines = Array.from({ length: 30 }, (_, index) => `line ${index + 10}\n`);
    const { results } = await runJob(texts, { workers: 3, input: [lines.join("")] });
    const parts = results.map((splits) => splits.map(([, chunks]) => chunks.join("")).join(""));
    expect(parts).toEqual([0, 10, 20].map((from) => lines.slice(from, from + 10).join("")));
  });

  it("has the names that it is given, and may be each worker's own", async () => {
    const named = { name: "b.txt", content: Buffer.from("b\n") };
    const shared = await runJob(texts, { workers: 1, input: ["a\n", named] });
    expect(shared.results[0]).toEqual([
      ["input-0.txt", ["a\n"]],
      ["b.txt", ["b\n"]],
    ]);
    const own = await runJob(texts, { inputByRank: [["a"], [], [named, ""]] });
    expect(own.results).toEqual([
      [["input-0.txt", ["a"]]],
      [],
      [
        ["b.txt", ["b\n"]],
        ["input-1.txt", []],
      ],
    ]);
  });

  it("comes in pieces as small as a test wants", async () => {
    const { results } = await runJob(texts, { workers: 1, input: ["abcdefgh"], chunkBytes: 3 });
    expect(results[0]).toEqual([["input-0.txt", ["abc", "def", "gh"]]]);
  });
});
