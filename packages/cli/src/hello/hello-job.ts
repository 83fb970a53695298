// The job of `fnmesh hello`: each worker greets every other and hears from each, so that every pair carries something.

import type { JobReport, JobSpec } from "@fnmesh/orchestrator";

export const helloWorkers = 4;
export const helloPairs = (helloWorkers * (helloWorkers - 1)) / 2;

const code = `export default { fnmesh: 1, async run({ rank, size, peers }) {
  const others = Array.from({ length: size }, (_, other) => other).filter((other) => other !== rank);
  await Promise.all(others.map((other) => peers.send(other, "hello")));
  const heard = await Promise.all(others.map((other) => peers.receive({ from: other })));
  return heard.filter(({ value }) => value === "hello").length;
} };`;

/** A greeting that takes longer has failed. */
const mostTimeoutMs = 60_000;

export interface HelloJob {
  readonly provider: string;
  readonly nat: string;
  readonly channel: "auto" | "relay";
  readonly memoryMb: number;
  readonly timeoutMs: number;
}

export const helloSpec = ({ nat, ...asked }: HelloJob): JobSpec => ({
  ...{ ...helloSubmission(asked), nat },
  input: Array.from({ length: helloWorkers }, () => []),
});

/** As an orchestrator elsewhere takes it, but for the code, which goes up before. */
export const helloSubmission = ({ timeoutMs, provider, channel, memoryMb }: Omit<HelloJob, "nat">) => ({
  ...{ provider, channel, memoryMb, timeoutMs: Math.min(timeoutMs, mostTimeoutMs) },
  ...{ name: "hello", code, workers: helloWorkers, encrypt: true, params: {} },
});

/** Whether rank 0 has heard from all. */
export const isWhole = ({ error, result }: Pick<JobReport, "error" | "result">): boolean =>
  error === null && result === helloWorkers - 1;
