// Whether workers wait for fnmesh, or do something of their own. Virtual time may fly only while all of them wait: a
// worker that does not is reading a file, compressing, or whatever else takes real time.

import { FnmeshError } from "@fnmesh/core";

export interface Waiting {
  /** The worker waits until `promise` settles. Returns one that settles as it does. */
  during<T>(promise: Promise<T>): Promise<T>;
  /** The worker does nothing any more. May be called twice. */
  end(): void;
}

export interface Workforce {
  /** A worker begins: it is at work until its end, but for when it waits. */
  begin(signal: AbortSignal): Waiting;
  isAtWork(): boolean;
}

export function createWorkforce(): Workforce {
  const running = new Set<{ waits: number }>();
  return {
    begin(signal) {
      const worker = { waits: 0 };
      running.add(worker);
      return {
        end: () => void running.delete(worker),
        during(promise) {
          worker.waits += 1;
          const watched = promise.finally(() => {
            worker.waits -= 1;
          });
          promise.catch((error: unknown) => {
            if (signal.aborted || !running.has(worker) || isAftermath(error)) watched.catch(() => {});
          });
          return watched;
        },
      };
    },
    isAtWork: () => [...running].some(({ waits }) => waits === 0),
  };
}

/**
 * What a job has left alone and what fails with another worker, or with the job, is no news: a process of its own would
 * end with it, and this one must not. Other errors that nobody takes are the job's defect, as they are in a real worker.
 */
const isAftermath = (error: unknown): boolean => error instanceof FnmeshError && error.code === "PEER_LOST";

/** Immediates are the virtual clock's own; a job's are seen by its not waiting. */
const notWork: ReadonlySet<string> = new Set(["Immediate"]);

const countOf = (kinds: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const kind of kinds) if (!notWork.has(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

/**
 * Tells whether more goes on in this process than when it was called: files, sockets, children, timers. So a worker that
 * reads a file beside a `receive` is noticed, too.
 */
export function watchProcess(): () => boolean {
  const before = countOf(process.getActiveResourcesInfo());
  return () => {
    const now = countOf(process.getActiveResourcesInfo());
    return [...now].some(([kind, count]) => count > (before.get(kind) ?? 0));
  };
}
