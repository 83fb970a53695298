// Runs the built command as a person would, each time in a folder and with a mark of its own, by which whatever it left
// behind can be found.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const bin = fileURLToPath(new URL("../../bin/fnmesh.mjs", import.meta.url));

export interface Ended {
  /** null: ended by `signal`. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallMs: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What stderr has so far. */
  stderr(): string;
}

export interface Bench {
  /** The folder in which commands run. */
  readonly folder: string;
  /** What is temporary to them. */
  readonly temporary: string;
  write(name: string, text: string): void;
  /** For the commands from now on. */
  setVariable(name: string, value: string): void;
  start(...args: string[]): Running;
  run(...args: string[]): Promise<Ended>;
  /** The same, with words before the command that start it in some other way. */
  runBehind(prefix: readonly string[], ...args: string[]): Promise<Ended>;
  /** Processes of commands started here that still live, as their command lines. */
  leftProcesses(): string[];
  /** What commands left in their temporary folder and in the system's list of namespaces. */
  leftFiles(): string[];
  close(): void;
}

/** Far beyond every test's own limit: a command that hangs must not outlive its test. */
const mostMs = 60_000;
const namespaces = "/run/netns";

export function openBench(jobs: Readonly<Record<string, string>>): Bench {
  const folder = mkdtempSync(join(tmpdir(), "fnmesh-e2e-"));
  const temporary = join(folder, "tmp");
  mkdirSync(temporary);
  const mark = randomUUID();
  const env: NodeJS.ProcessEnv = { ...process.env, FNMESH_E2E: mark, TMPDIR: temporary, NO_COLOR: "1" };
  const namespacesBefore = listed(namespaces);
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  };
  for (const [name, text] of Object.entries(jobs)) write(name, text);
  const command = (args: readonly string[]) => [process.execPath, bin, ...args];
  const start = (...args: string[]) => startCommand(command(args), folder, env);
  return {
    folder,
    temporary,
    write,
    setVariable: (name, value) => {
      env[name] = value;
    },
    start,
    run: (...args) => start(...args).ended,
    runBehind: (prefix, ...args) => startCommand([...prefix, ...command(args)], folder, env).ended,
    leftProcesses: () => processesWith(`FNMESH_E2E=${mark}`),
    leftFiles: () => [
      ...listed(temporary),
      ...listed(namespaces).filter((name) => !namespacesBefore.includes(name)),
    ],
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function startCommand(argv: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Running {
  const startMs = performance.now();
  const child = spawn(argv[0]!, argv.slice(1), { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const timer = setTimeout(() => child.kill("SIGKILL"), mostMs);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, ...texts, wallMs: performance.now() - startMs });
    });
  });
  return { child, ended, stderr: () => texts.stderr };
}

const listed = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : []);

function processesWith(variable: string): string[] {
  const pids = listed("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      return environment.includes(variable) && command !== "" ? [`${pid}: ${command}`] : [];
    } catch {
      return []; // It has ended, or is another user's.
    }
  });
}

/** Resolves when `holds` does; rejects with `what` after 20 s. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const lastMs = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > lastMs) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
