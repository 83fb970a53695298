// The provider for this machine: every worker is a process that runs the very bundle a cloud would run, with a
// function's limits of memory and time, cold or warm.

import type { LaunchedWorker, LaunchRequest, Log, Provider } from "@fnmesh/core/internal";
import { checkLimits, localLimits } from "./limits.ts";
import { createMemoryWatch } from "./memory-watch.ts";
import { createStarter } from "./starter.ts";
import { type Supervised, supervise } from "./supervise.ts";
import { createWarmPool, type WarmLimits } from "./warm-pool.ts";

export interface LocalProviderOptions {
  /** Path of the built entry bundle. Default: the one that comes with this package. */
  readonly entry?: string;
  /** What goes before a worker's command, such as the NAT lab's `nsenter … --`; it must exec what follows it. */
  readonly place?: (rank: number) => readonly string[];
  /** Keeps containers for later invocations of the same memory size and place. Default: none are kept. */
  readonly warm?: WarmLimits;
  readonly log?: Log;
  /** A line that a worker printed. */
  readonly onStdout?: (rank: number, line: string) => void;
  readonly onStderr?: (rank: number, line: string) => void;
}

/**
 * Starts workers as processes of this machine. `launch` rejects with LIMIT, LAUNCH_FAILED, PROVIDER_UNAVAILABLE, or
 * CANCELLED when its signal is aborted first; a worker that has been launched is ended by `stop`.
 *
 * @example
 * const provider = localProvider({ onStdout: (rank, line) => console.error(`[${rank}] ${line}`) });
 * const worker = await provider.launch({ invocation, memoryMb: 512, signal });
 * console.log(await worker.exit); // { kind: "completed" }
 * await provider.close();
 */
export function localProvider(options: LocalProviderOptions = {}): Provider {
  const { place = () => [], onStdout, onStderr, log } = options;
  const printers = { stdout: onStdout, stderr: onStderr };
  const starter = createStarter({
    entry: options.entry,
    onLine: (rank, stream, line) => printers[stream]?.(rank, line),
  });
  const pool = createWarmPool(options.warm ?? { most: 0, idleMs: 0 });
  const watch = createMemoryWatch();
  const running = new Set<Supervised>();

  const launch = async (request: LaunchRequest): Promise<LaunchedWorker> => {
    checkLimits(request);
    const { invocation, memoryMb } = request;
    const make = { memoryMb, place: place(invocation.rank) };
    const name = JSON.stringify(make);
    const kept = pool.take(name);
    const container = kept ?? (await starter.start(make, request.signal));
    const start = kept === undefined ? "cold" : "warm";

    const keep = () => pool.put(name, container);
    const supervised = supervise(container, request, watch, keep);
    const { exit } = supervised;
    running.add(supervised);
    const about = { pid: container.pid, rank: invocation.rank, attempt: invocation.attempt };
    log?.debug("worker launched", { ...about, start });
    void exit.then(({ kind }) => {
      running.delete(supervised);
      log?.debug("worker ended", { ...about, kind });
    });
    return {
      id: `pid ${container.pid}`,
      start,
      exit,
      async stop() {
        supervised.stop();
        await exit;
      },
    };
  };
  const close = async () => {
    for (const one of running) one.stop();
    await starter.close();
  };
  return { name: "local", limits: localLimits, launch, close };
}
