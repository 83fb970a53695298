// Runs an example as a person would: by the built command, each worker a process, in a folder of its own.

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

export const root = new URL("../..", import.meta.url).pathname;
const run = promisify(execFile);
/** Far beyond what an example takes: a command that hangs must not outlive its test. */
const mostMs = 60_000;

export interface ExampleRun {
  /** Default: 4. */
  readonly workers?: number;
  readonly params?: Readonly<Record<string, string | number>>;
  /** Paths from the repository's root, or files by name with what is in them. */
  readonly input?: readonly string[] | Readonly<Record<string, string | Uint8Array>>;
}

export interface ExampleEnd<Result> {
  readonly result: Result;
  readonly stages: readonly string[];
  readonly output: Buffer;
}

/** Rejects unless the job succeeds. */
export async function runExample<Result>(
  name: string,
  { workers = 4, params = {}, input = [] }: ExampleRun = {},
): Promise<ExampleEnd<Result>> {
  const folder = await mkdtemp(join(tmpdir(), `fnmesh-${name}-`));
  try {
    const files = Array.isArray(input) ? (input as string[]) : await written(folder, input as never);
    const output = join(folder, "output");
    const { stdout } = await run(
      process.execPath,
      [
        join(root, "packages/cli/bin/fnmesh.mjs"),
        ...["run", `examples/${name}/job.ts`, "--workers", String(workers), "--json", "--output", output],
        ...Object.entries(params).flatMap(([key, value]) => ["--param", `${key}=${value}`]),
        ...files.flatMap((file) => ["--input", file]),
      ],
      { cwd: root, timeout: mostMs, maxBuffer: 1 << 26 },
    );
    const report = JSON.parse(stdout) as { result: Result; stages: { name: string }[] };
    return {
      result: report.result,
      stages: report.stages.map((stage) => stage.name),
      output: await readFile(output),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function written(folder: string, files: Readonly<Record<string, string | Uint8Array>>) {
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return Object.keys(files).map((name) => join(folder, name));
}
