// Jobs on a provider, from the user's module to the report: bundled as the command does it, with an orchestrator in this
// process.

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeEnv, type Provider } from "@fnmesh/core/internal";
import {
  createOrchestrator,
  fileOutput,
  type JobReport,
  type JobSpec,
  type Orchestrator,
  type OrchestratorOptions,
  planInput,
} from "@fnmesh/orchestrator";
import { bundleJob } from "../../../packages/cli/src/bundle-job/bundle-job.ts";

const root = join(import.meta.dirname, "../../..");

export const text = [
  "Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse,",
  "and nothing particular to interest me on shore, I thought I would sail about a little",
  "and see the watery part of the world. It is a way I have of driving off the spleen.",
].join("\n");

/** By one line of code that shares nothing with the job. */
export function countedOf(all: string): string {
  const counts = new Map<string, number>();
  for (const word of all.toLowerCase().match(/[a-z]+/g) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1);
  const lines = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([word, count]) => `${word}\t${count}\n`);
  return lines.join("");
}

export interface PlayedJob {
  readonly report: JobReport;
  /** What was committed; undefined: nothing. */
  readonly output: string | undefined;
}

export interface Player extends AsyncDisposable {
  readonly orchestrator: Orchestrator;
  /** examples/reduce-by-key over `text`. */
  reduceByKey(change?: Partial<JobSpec>): Promise<PlayedJob>;
  /** A job whose `run(worker)` has this body. */
  play(body: string, change?: Partial<JobSpec>): Promise<PlayedJob>;
}

export async function openPlayer(
  provider: Provider,
  options: Pick<OrchestratorOptions, "listen" | "joinTimeoutMs"> = {},
): Promise<Player> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-player-"));
  const orchestrator = await createOrchestrator({ env: nodeEnv(), providers: [provider], ...options });
  await writeFile(join(folder, "text.txt"), text);

  const run = async (job: string, cwd: string, files: readonly string[], change: Partial<JobSpec>) => {
    const { name, code, modules } = await bundleJob(job, { cwd });
    const { workers = 4 } = change;
    const planned = await planInput({ files, texts: [], workers, cwd: folder });
    const path = join(folder, "output.txt");
    await rm(path, { force: true });
    const sink = await fileOutput(path);
    const asked = { name, code, modules, workers, provider: provider.name, nat: "none", channel: "auto" };
    const sizes = { memoryMb: provider.limits.memoryMb.preset, timeoutMs: 60_000 };
    try {
      const spec = { ...asked, ...sizes, encrypt: true, params: {}, input: planned.parts, output: sink };
      const report = await orchestrator.submit({ ...spec, ...change }).report;
      const output = await readFile(path, "utf8").catch(() => undefined);
      return { report, output };
    } finally {
      await sink.discard();
      await planned.close();
    }
  };
  return {
    orchestrator,
    reduceByKey: (change = {}) =>
      run("examples/reduce-by-key/job.ts", root, [join(folder, "text.txt")], change),
    async play(body, change = {}) {
      const module = `import { defineJob } from "fnmesh";\nexport default defineJob({\n  async run(worker) {\n${body}\n  },\n});\n`;
      await writeFile(join(folder, "job.ts"), module);
      return await run("job.ts", folder, [], change);
    },
    async [Symbol.asyncDispose]() {
      await orchestrator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
