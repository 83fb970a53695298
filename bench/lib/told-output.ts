// A job's output that is kept in memory: what its workers have to tell, one JSON document a line.

import type { OutputSink } from "@fnmesh/orchestrator";

export interface ToldOutput<Told> extends OutputSink {
  /** The lines of a job that has succeeded, by rank. */
  lines(): readonly Told[];
}

export function toldOutput<Told>(): ToldOutput<Told> {
  const parts = new Map<number, Buffer[]>();
  return {
    async write(rank, bytes) {
      parts.set(rank, [...(parts.get(rank) ?? []), Buffer.from(bytes)]);
    },
    commit: async () => {},
    async discard() {},
    lines: () =>
      [...parts]
        .sort(([one], [other]) => one - other)
        .flatMap(([, chunks]) => Buffer.concat(chunks).toString().split("\n"))
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Told),
  };
}
