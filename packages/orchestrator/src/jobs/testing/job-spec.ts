// A job to submit in tests: whatever a test does not care about.

import type { InputPart, JobSpec, OutputSink } from "../job.ts";

export const testSpec = (change: Partial<JobSpec> = {}): JobSpec => {
  const workers = change.workers ?? 2;
  return {
    name: "test",
    code: "export default { fnmesh: 1, async run({ rank }) { return rank } }",
    workers,
    provider: "scripted",
    nat: "none",
    channel: "auto",
    encrypt: true,
    memoryMb: 512,
    timeoutMs: 60_000,
    params: {},
    input: Array.from({ length: workers }, () => []),
    ...change,
  };
};

export const textPart = (name: string, text: string): InputPart => {
  const bytes = Buffer.from(text);
  return {
    name,
    bytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
  };
};

export interface MemoryOutput extends OutputSink {
  /** What is visible: undefined before the commit, and after a discard. */
  readonly committed: string | undefined;
  readonly discarded: boolean;
}

/** `commitFails`: makes the commit throw. */
export function memoryOutput(commitFails = false): MemoryOutput {
  const parts: Buffer[][] = [];
  let committed: string | undefined;
  let discarded = false;
  return {
    get committed() {
      return committed;
    },
    get discarded() {
      return discarded;
    },
    write: async (rank, bytes) => {
      parts[rank] ??= [];
      parts[rank].push(Buffer.from(bytes));
    },
    commit: async () => {
      if (commitFails) throw new Error("no space left on device");
      committed = Buffer.concat(parts.flatMap((part) => part ?? [])).toString();
    },
    discard: async () => {
      if (committed === undefined) discarded = true;
    },
  };
}
