// Runs a job of this folder by the built command.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
export const root = new URL("../../..", import.meta.url).pathname;
/** Far beyond what a job takes: a command that hangs must not outlive its test. */
const mostMs = 300_000;

export interface JobRun {
  readonly workers: number;
  readonly memoryMb?: number;
  readonly input?: string;
  readonly params?: Readonly<Record<string, string | number>>;
}

/** The job's result. Rejects unless it succeeds. */
export async function runJob<Result>(
  name: string,
  { workers, memoryMb = 512, input, params = {} }: JobRun,
): Promise<Result> {
  const { stdout } = await run(
    process.execPath,
    [
      `${root}packages/cli/bin/fnmesh.mjs`,
      ...[
        "run",
        `test/datasets/support/${name}`,
        "--workers",
        String(workers),
        "--memory",
        String(memoryMb),
        "--json",
      ],
      ...Object.entries(params).flatMap(([key, value]) => ["--param", `${key}=${value}`]),
      ...(input === undefined ? [] : ["--input", input]),
    ],
    { cwd: root, timeout: mostMs, maxBuffer: 1 << 28 },
  );
  return (JSON.parse(stdout) as { result: Result }).result;
}
