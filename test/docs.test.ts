// What the documentation says of the code, held to the code: message types, frame types, figures, paths, links.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  blobChunkBytes,
  connectionIdentity,
  fromOrchestrator,
  fromWorker,
  mostControlFrameBytes,
  protocolVersion,
  relayChunkBytes,
} from "@fnmesh/core/protocol";
import { expectedPath, natTraits, type PlaceProfile } from "@fnmesh/netlab";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { chosenBy } from "../bench/collectives/algorithms.ts";
import { type Collective, collectives } from "../bench/collectives/figures.ts";
import { dataFlag, mostChunkBytes, peerFrame } from "../packages/core/src/channel/peer-frame.ts";
import { numberLoops } from "../packages/core/src/group/element-loops.ts";
import { fromRelay, toRelay } from "../packages/orchestrator/src/relay/registration.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");
const documents = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, "examples"))
    .map((name) => `examples/${name}/README.md`)
    .filter((path) => existsSync(join(root, path))),
];

/** From one heading to the next of its height or above, without the drawings. */
function section(path: string, heading: string): string {
  const text = `\n${read(path)}`.replaceAll(/^```[\s\S]*?^```$/gm, "");
  const begin = text.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`${path} has no "${heading}"`);
  const rest = text.slice(begin + heading.length + 2);
  const height = heading.indexOf(" ");
  const end = rest.search(new RegExp(`^#{1,${height}} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** The cells of a section's tables, without heads. */
const rows = (text: string): string[][] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) => line.slice(1, -1).split(/(?<!\\)\|/))
    .map((cells) => cells.map((cell) => cell.trim().replaceAll("**", "")))
    .filter((_, index, all) => !isRule(all[index]) && !isRule(all[index + 1]));
const isRule = (cells: string[] | undefined): boolean =>
  cells?.every((cell) => /^:?-+:?$/.test(cell)) ?? false;

const codeNames = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

describe("PROTOCOL.md", () => {
  test.each([
    ["### Messages of a worker", fromWorker],
    ["### Messages of the orchestrator", fromOrchestrator],
    ["### Messages of a relay", fromRelay],
    ["### Messages to a relay", toRelay],
  ])("lists all: %s", (heading, table) => {
    const told = rows(section("docs/PROTOCOL.md", heading));
    expect(told.flatMap(([types]) => codeNames(types!)).sort()).toEqual(Object.keys(table).sort());
  });

  test("numbers the peer frames and flags as the code does", () => {
    const named = (heading: string, name: number, number: number) =>
      Object.fromEntries(
        rows(section("docs/PROTOCOL.md", heading)).map((cells) => [
          cells[name]!.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
          Number(cells[number]),
        ]),
      );
    expect(named("### Peer frames", 1, 0)).toEqual(peerFrame);
    const flags = named("### Data", 0, 1);
    for (const [name, bit] of Object.entries(dataFlag)) expect(flags[name]).toBe(bit);
  });

  test("has the code's version, identities and sizes", () => {
    const text = read("docs/PROTOCOL.md");
    const identity = connectionIdentity("control", { job: "JOB", rank: 7, attempt: 8 });
    expect(text).toContain(identity.replace("7", "RANK").replace("8", "ATTEMPT"));
    expect(text).toContain(`version ${protocolVersion}.`);
    const mebibyte = 1024 * 1024;
    expect([mostControlFrameBytes, blobChunkBytes]).toEqual([mebibyte, mebibyte / 4]);
    expect([mostChunkBytes, relayChunkBytes]).toEqual([mebibyte / 4, mebibyte / 16]);
  });
});

describe("NAT.md", () => {
  const places: Readonly<Record<string, PlaceProfile>> = { "public address": "none" };
  const placesOf = (cell: string): PlaceProfile[] =>
    cell.split(", ").map((name) => places[name] ?? (name as PlaceProfile));

  test("says which path each pair gets", () => {
    const text = section("docs/NAT.md", "## Who gets which path");
    const head = text.split("\n").find((line) => line.startsWith("|"))!;
    const columns = head.slice(1, -1).split("|").slice(1);
    const told = rows(text).flatMap(([row, ...paths]) =>
      paths.flatMap((path, index) =>
        placesOf(row!).flatMap((a) =>
          placesOf(columns[index]!.trim().replaceAll("**", "")).map((b) => [a, b, path] as const),
        ),
      ),
    );
    expect(told).toHaveLength(Object.keys(natTraits).length ** 2);
    for (const [a, b, path] of told) expect([a, b, expectedPath(a, b, false)]).toEqual([a, b, path]);
  });

  test("describes each profile as the lab makes it", () => {
    const short = { "endpoint-independent": "independent", "address-and-port-dependent": "address and port" };
    const told = rows(section("docs/NAT.md", "## Profiles"));
    for (const [name, mapping, filtering, hairpinning, unsolicited] of told) {
      const traits = natTraits[name!.replaceAll("`", "") as PlaceProfile];
      if (traits === null || traits === undefined) continue;
      const made = [traits.mapping, traits.filtering].map((each) => short[each as keyof typeof short]);
      const words = [...made, traits.hairpinning ? "yes" : "no", traits.unsolicited];
      expect([name, mapping, filtering, hairpinning, unsolicited]).toEqual([name, ...words]);
    }
    expect(told).toHaveLength(Object.keys(natTraits).length + 1);
  });
});

describe("TESTING.md", () => {
  const source = read("packages/cli/src/testing-kit/options.ts");

  test("lists all options of runJob, with their presets", () => {
    const declared = /interface RunJobOptions \{([\s\S]*?)^\}/m.exec(source)![1]!;
    const options = [...declared.matchAll(/^ {2}readonly (\w+)\?:/gm)].map((match) => match[1]!);
    const told = rows(section("docs/TESTING.md", "## Options"));
    expect(options.length).toBeGreaterThan(10);
    expect(told.flatMap(([names]) => codeNames(names!)).sort()).toEqual(options.sort());
  });

  test("lists all faults, and all that a run gives", () => {
    const faults = /type Fault =([\s\S]*?);\n\n/.exec(source)![1]!;
    const kinds = [...faults.matchAll(/\| \{ readonly (\w+):/g)].map((match) => match[1]!);
    const told = rows(section("docs/TESTING.md", "## Faults")).map(([name]) => codeNames(name!)[0]!);
    expect(told.map((each) => /\w+/.exec(each)![0])).toEqual(kinds);
    const run = read("packages/cli/src/testing-kit/run-job.ts");
    const given = /interface JobRun<.*?> \{([\s\S]*?)^\}/m.exec(run)![1]!;
    const fields = [...given.matchAll(/^ {2}readonly (\w+):/gm)].map((match) => match[1]!);
    const listed = rows(section("docs/TESTING.md", "## What comes out"));
    expect(listed.flatMap(([names]) => codeNames(names!)).sort()).toEqual(fields.sort());
  });
});

describe("COLLECTIVES.md", () => {
  test("says which algorithm is taken as the code takes it", () => {
    const told = rows(section("docs/COLLECTIVES.md", "## Which algorithm")).filter(
      ([name, bytes]) => /^`\w+`$/.test(name!) && bytes !== undefined,
    );
    const bytesOf: Readonly<Record<string, number>> = {
      "": 0,
      "64 B": 64,
      "64 KiB": 2 ** 16,
      "4 MiB": 2 ** 22,
    };
    expect(told).toHaveLength(28);
    for (const [name, value, ...algorithms] of told) {
      const collective = codeNames(name!)[0] as Collective;
      const taken = [4, 16, 64, 512].map((size) => chosenBy(collective, size, bytesOf[value!]!));
      expect([collective, value, ...algorithms]).toEqual([collective, value, ...taken]);
    }
  });

  test("lists all collectives, and every named operation", () => {
    const told = rows(section("docs/COLLECTIVES.md", "## What each does")).map(
      ([call]) => /\w+/.exec(call!)![0],
    );
    expect(told.sort()).toEqual([...collectives, "exscan", "split"].sort());
    const text = read("docs/COLLECTIVES.md");
    for (const name of Object.keys(numberLoops)) expect(text).toContain(`\`"${name}"\``);
  });
});

describe("all documents", () => {
  /** As GitHub makes them of headings. */
  const anchors = (text: string): string[] =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
      heading!
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"),
    );

  test.each(documents)("the links of %s lead somewhere", (path) => {
    const broken = [...read(path).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1]!)
      .filter((link) => !/^https?:/.test(link))
      .filter((link) => {
        const [file, anchor] = link.split("#");
        const target = file === "" ? join(root, path) : resolve(root, dirname(path), file!);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchors(readFileSync(target, "utf8")).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test("the job in the README is TypeScript that defines a job", () => {
    const job = /```ts\n([\s\S]*?)```/.exec(read("README.md"))![1]!;
    expect(transformSync(job, { loader: "ts" }).warnings).toEqual([]);
    expect(job).toMatch(/export default defineJob\(/);
  });
});
