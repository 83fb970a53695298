import fc from "fast-check";
import { runJob } from "fnmesh/testing";
import { describe, expect, it } from "vitest";
import { formats, type Vertex } from "./formats.ts";
import job from "./job.ts";
import { changeOf, damping, dangling, degreesOf, given, taken } from "./ranks.ts";
import { linesByOwner, linksOf, ownerOf, Shard } from "./shard.ts";
import { plainPageRank } from "./testing/naive.ts";

describe("a line", () => {
  it("of WordNet is a synset and what it points to", () => {
    const line =
      "01234567 00 s 0b good 0 a 0 b 0 c 0 d 0 e 0 f 0 g 0 h 0 i 0 j 1 003 & 00000001 a 0000 + 00000002 n 0101 ! 00000003 v 0a01 | fine";
    expect(formats.wordnet(line)).toEqual({
      name: "a01234567",
      label: "good",
      targets: ["a00000001", "n00000002", "v00000003"],
    });
    expect(formats.wordnet("00001740 03 n 01 entity 0 000 | that which is")).toMatchObject({ targets: [] });
  });

  it("of an edge list is a link", () => {
    expect(formats.edges("1\t27")).toEqual({ name: "1", label: "1", targets: ["27"] });
  });

  it("without a vertex is none", () => {
    expect([formats.wordnet("  29 Princeton University and LICENSEE"), formats.wordnet("")]).toEqual([
      undefined,
      undefined,
    ]);
    expect([formats.edges("# FromNodeId ToNodeId"), formats.edges("\r")]).toEqual([undefined, undefined]);
  });

  it.each([
    ["wordnet", "00001740 03 n 01 entity 0 002 @ 00000001 n 0000 | cut"],
    ["wordnet", "a line of a book"],
    ["edges", "alone"],
    ["edges", "1 2 0.5"],
  ] as const)("of no %s is refused: %s", (format, line) => {
    expect(() => formats[format](line)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});

/** What the workers do, one after another: `read[rank]` is what each has read. */
function ranksInShards(read: readonly (readonly Vertex[])[], rounds: number): Map<string, number> {
  const size = read.length;
  const shards = read.map(() => new Shard());
  for (const vertices of read) {
    for (const [rank, lines] of linesByOwner(vertices, size).entries()) shards[rank]!.add(lines);
  }
  const links = shards.map((shard) => linksOf(shard, size));
  const inlets = shards.map((shard, rank) =>
    links.map(({ wanted }) => Uint32Array.from(wanted[rank]!, (name) => shard.numberOf(name))),
  );
  const total = shards.reduce((sum, { names }) => sum + names.length, 0);
  const degrees = shards.map(({ names }, rank) => degreesOf(links[rank]!, names.length));
  let ranks = shards.map(({ names }) => new Float64Array(names.length).fill(1 / total));
  for (let round = 0; round < rounds; round++) {
    const lost = ranks.reduce((sum, mine, rank) => sum + dangling(mine, degrees[rank]!), 0);
    const sent = ranks.map((mine, rank) => given(mine, degrees[rank]!, links[rank]!));
    const base = (1 - damping + damping * lost) / total;
    ranks = shards.map(({ names }, rank) =>
      taken(
        names.length,
        base,
        sent.map((parts) => parts[rank]!),
        inlets[rank]!,
      ),
    ) as typeof ranks;
  }
  return new Map(
    shards.flatMap(({ names }, rank) => names.map((name, index) => [name, ranks[rank]![index]!])),
  );
}

describe("ranks", () => {
  it("are those of the definition, wherever the lines were read", () => {
    const name = fc.constantFrom(..."abcdefghij");
    const vertex = fc.record({ name, label: name, targets: fc.array(name, { maxLength: 4 }) });
    const read = fc.array(fc.array(vertex, { maxLength: 5 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(read, (read) => {
        const wanted = plainPageRank(read.flat()).ranks;
        const found = ranksInShards(read, 250);
        expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
        for (const [name, rank] of wanted) expect(found.get(name)).toBeCloseTo(rank, 10);
      }),
    );
  });

  it("change by what all change together", () => {
    expect(changeOf(Float64Array.of(1, 2, 3), Float64Array.of(2, 2, 1))).toBe(3);
  });
});

describe("vertices", () => {
  it("keep their labels, links and owners on the way", () => {
    const lines = linesByOwner([{ name: "n1", label: "one", targets: ["n2", "n2"] }], 3);
    expect(lines.map((line) => line === "")).toEqual([0, 1, 2].map((rank) => rank !== ownerOf("n1", 3)));
    const shard = new Shard();
    for (const line of lines) shard.add(line);
    expect(shard).toMatchObject({ names: ["n1"], labels: ["one"], sources: [0, 0], targets: ["n2", "n2"] });
    expect(linksOf(shard, 1)).toMatchObject({ slots: Uint32Array.of(0, 0), wanted: [["n2"]] });
  });
});

describe("the job", () => {
  const text = "# a comment\na b\na c\nb c\nc a\nd c\nd e\n";
  const wanted = plainPageRank(
    text
      .split("\n")
      .map(formats.edges)
      .filter((vertex) => vertex !== undefined),
  );

  it.each([1, 2, 7])("ranks a list of links on %i workers", async (workers) => {
    const { result, output } = await runJob(job, { workers, input: [text], params: { top: "2" } });
    expect(result).toMatchObject({ vertices: 5, edges: 6, top: [{ name: "c" }, { name: "a" }] });
    const rows = output
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t"));
    expect(rows.map(([name]) => name).sort()).toEqual(["a", "b", "c", "d", "e"]);
    for (const [name, , rank] of rows) expect(Number(rank)).toBeCloseTo(wanted.ranks.get(name!)!, 9);
  });

  it("ends after so many rounds, and has nothing to say of no graph", async () => {
    const { result } = await runJob(job, { workers: 2, input: [text], params: { rounds: "3" } });
    expect(result).toMatchObject({ rounds: 3 });
    const empty = await runJob(job, { workers: 2 });
    expect(empty).toMatchObject({ output: "", result: { vertices: 0, edges: 0, top: [] } });
  });
});
