// One invocation in a container: hands it over, holds it to its limits of time and memory, and says what became of it.

import type { LaunchRequest, WorkerExit } from "@fnmesh/core/internal";
import type { Container } from "./container.ts";
import type { MemoryWatch } from "./memory-watch.ts";
import { type Ending, judge } from "./verdict.ts";

export interface Supervised {
  /** Never rejects. When it did not complete, or is not kept, the process is gone by then. */
  readonly exit: Promise<WorkerExit>;
  /** Does nothing once the invocation has answered. */
  stop(): void;
}

/** `keep` takes a container that completed its invocation; false: it is ended. */
export function supervise(
  container: Container,
  { invocation, memoryMb }: LaunchRequest,
  watch: MemoryWatch,
  keep: () => boolean,
): Supervised {
  let ending: Ending | undefined;
  let over = false;
  const end = (why: Ending) => {
    if (over) return;
    ending ??= why;
    container.kill();
  };
  const timer = setTimeout(() => end("timed-out"), invocation.timeoutMs);
  const unwatch = watch.add(container.pid, memoryMb * 1024 * 1024, () => end("out-of-memory"));

  const untilExit = async (): Promise<WorkerExit> => {
    const answer = await container.invoke(invocation);
    over = true;
    clearTimeout(timer);
    unwatch();
    if (answer?.ok && ending === undefined && keep()) return { kind: "completed" };
    // Nothing of a function's container runs on after its invocation; exit hooks are not for the cloud either.
    container.kill();
    return judge({ invocation, memoryMb, answer, ending, ...(await container.ended) });
  };
  return { exit: untilExit(), stop: () => end("stopped") };
}
