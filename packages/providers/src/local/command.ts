// The command line of a worker's process. Nothing secret is in it: the invocation goes over standard input.

import { watchParentFlag } from "./wire.ts";

/** What V8 needs beside its heap at least: code, stacks, buffers, Node itself. */
const leastBesideHeapMb = 64;
const heapShare = 0.9;

/** The heap's limit: below the function's memory, so that V8 can say "heap out of memory" itself before the kill. */
export const heapLimitMb = (memoryMb: number): number =>
  Math.floor(Math.min(memoryMb - leastBesideHeapMb, memoryMb * heapShare));

/** Where new objects are: three of these are in use, beside the old objects' space. As AWS's runtime has it. */
const semiSpaceShare = 0.05;
/** V8's own figure. */
const mostSemiSpaceMb = 16;

export const semiSpaceMb = (memoryMb: number): number =>
  Math.min(mostSemiSpaceMb, Math.floor(memoryMb * semiSpaceShare));

export interface WorkerCommand {
  readonly node: string;
  readonly entry: string;
  readonly memoryMb: number;
  /** What goes before the command; must replace itself by what follows it, as `nsenter … --` does. */
  readonly place: readonly string[];
  /** Whether the kernel can be asked to end the worker with its parent (`setpriv --pdeathsig`). */
  readonly deathSignal: boolean;
}

export function workerCommand(command: WorkerCommand): readonly string[] {
  return [
    ...command.place,
    ...(command.deathSignal ? ["setpriv", "--pdeathsig", "KILL", "--"] : []),
    command.node,
    `--max-old-space-size=${heapLimitMb(command.memoryMb)}`,
    `--max-semi-space-size=${semiSpaceMb(command.memoryMb)}`,
    command.entry,
    ...(command.deathSignal ? [] : [watchParentFlag]),
  ];
}

/** Variables that steer the parent's own Node: a debugger port or a test runner's hooks are not the worker's. */
const notInherited: ReadonlySet<string> = new Set(["NODE_OPTIONS", "NODE_CHANNEL_FD", "NODE_V8_COVERAGE"]);

/**
 * glibc gives every large block back to the system at once, and takes page faults for the next one: for messages of
 * 1 MiB that costs more than their decryption. A worker keeps an eighth of its memory instead. Other C libraries do
 * not know these variables.
 */
const keptShare = 1 / 8;
/** The most that glibc takes. */
const mostMapThresholdBytes = 32 * 1024 * 1024;

function allocatorSettings(memoryMb: number): NodeJS.ProcessEnv {
  const keptBytes = Math.floor(memoryMb * keptShare) * 1024 * 1024;
  return {
    MALLOC_TRIM_THRESHOLD_: String(keptBytes),
    MALLOC_MMAP_THRESHOLD_: String(Math.min(keptBytes, mostMapThresholdBytes)),
  };
}

/** What a worker's process inherits, and what it is given; variables that the user set stay as they are. */
export const workerEnvironment = (parent: NodeJS.ProcessEnv, memoryMb: number): NodeJS.ProcessEnv => ({
  ...allocatorSettings(memoryMb),
  ...Object.fromEntries(Object.entries(parent).filter(([name]) => !notInherited.has(name))),
});
