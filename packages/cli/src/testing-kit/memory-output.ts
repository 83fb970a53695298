// The output of a job, kept in memory: there after the commit, and not before.

import type { OutputSink } from "@fnmesh/orchestrator";

export interface MemoryOutput extends OutputSink {
  /** By rank; empty for whoever wrote nothing, and for all of a job that failed. */
  parts(): readonly Buffer[];
}

export function memoryOutput(workers: number): MemoryOutput {
  const written = Array.from({ length: workers }, (): Uint8Array[] => []);
  let committed = false;
  return {
    async write(rank, bytes) {
      // The bytes are the connection's, and their memory may be used again.
      written[rank]!.push(Uint8Array.from(bytes));
    },
    async commit() {
      committed = true;
    },
    async discard() {},
    parts: () => written.map((pieces) => Buffer.concat(committed ? pieces : [])),
  };
}
