// What a stand-in for a platform's command keeps between its runs: a file beside it, as the real one's control plane is
// beyond it. Both sides read this file: the stand-in, a process for each call, and the test that looks at it.

import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Interruption {
  /** Counts down with each call that changes something; the one that finds 0 is cut off. */
  readonly call: number;
  readonly when: "before" | "after";
}

export interface ToolState<Plane> {
  readonly plane: Plane;
  /** Calls that changed something. */
  readonly mutations: number;
  readonly interruption?: Interruption | undefined;
}

export interface StateFile<Plane> {
  read(): ToolState<Plane>;
  write(state: ToolState<Plane>): void;
  /** Notes a call; its arguments can be read by others, as in any list of processes. */
  note(args: readonly string[]): void;
  calls(): readonly (readonly string[])[];
}

export function stateFile<Plane>(folder: string, empty: Plane): StateFile<Plane> {
  const path = join(folder, "state.json");
  const log = join(folder, "calls.log");
  return {
    read: () =>
      existsSync(path)
        ? (JSON.parse(readFileSync(path, "utf8")) as ToolState<Plane>)
        : { plane: empty, mutations: 0 },
    write(state) {
      // Whole or not at all: another process may read it now.
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(state));
      renameSync(`${path}.${process.pid}`, path);
    },
    note: (args) => appendFileSync(log, `${JSON.stringify(args)}\n`),
    calls() {
      if (!existsSync(log)) return [];
      const lines = readFileSync(log, "utf8").trim().split("\n");
      return lines.map((line) => JSON.parse(line) as string[]);
    },
  };
}

/** Of the process that runs: where the stand-in was installed. */
export const ownFolder = (): string => dirname(dirname(process.argv[1]!));

/** The person pressed Ctrl-C, the network went away: no last words. */
const cutOff = (): never => {
  process.kill(process.pid, "SIGKILL");
  throw new Error("still alive");
};

/**
 * Does what changes something, unless the test cuts it off before that, or right after it.
 *
 * `late`: what is left behind in that case, where the platform is still at work.
 */
export function change<Plane>(
  file: StateFile<Plane>,
  effect: (plane: Plane) => Plane,
  late: (plane: Plane) => Plane = effect,
): void {
  const { plane, mutations, interruption } = file.read();
  const hit = interruption?.call === 0 ? interruption.when : undefined;
  const next =
    interruption === undefined || hit !== undefined
      ? undefined
      : { ...interruption, call: interruption.call - 1 };
  if (hit === "before") {
    file.write({ plane, mutations, interruption: next });
    cutOff();
  }
  const act = hit === "after" ? late : effect;
  file.write({ plane: act(plane), mutations: mutations + 1, interruption: next });
  if (hit === "after") cutOff();
}

/** Ends the command as the real one does when it refuses something. */
export function refuse(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
