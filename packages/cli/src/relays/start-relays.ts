// Relays of one run, as processes of this machine. Each lives by its stdin: however this process ends, it ends too.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { FnmeshError } from "@fnmesh/core";
import type { Log } from "@fnmesh/core/internal";
import { fromStdin } from "../options/relay-options.ts";

/** A start of Node and one handshake, on a machine that starts much else. */
const readyLimitMs = 30_000;
/** What does not end by itself then is killed. */
const endLimitMs = 2_000;

export interface RelaysOptions {
  readonly count: number;
  readonly orchestrator: { readonly host: string; readonly port: number };
  /** What relays listen on. */
  readonly host: string;
  /** What workers dial them at. */
  readonly advertise: string;
  readonly token: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly signal: AbortSignal;
}

export interface Relays {
  /** Resolves when all have ended. May be called twice. */
  close(): Promise<void>;
}

interface RelayProcess {
  /** Resolves when the orchestrator knows it. Rejects with ORCHESTRATOR_UNAVAILABLE when it ends before. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/** Rejects with ORCHESTRATOR_UNAVAILABLE or CANCELLED; none stays then. */
export async function startRelays(options: RelaysOptions): Promise<Relays> {
  const { count, signal } = options;
  const relays = Array.from({ length: count }, () => startOne(options));
  const close = async () => {
    await Promise.all(relays.map((relay) => relay.close()));
  };
  try {
    await Promise.race([Promise.all(relays.map(({ ready }) => ready)), failing(signal)]);
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startOne({ orchestrator, host, advertise, token, environment, log }: RelaysOptions): RelayProcess {
  const at = `${orchestrator.host}:${orchestrator.port}`;
  const args = ["relay", at, "--host", host, "--advertise", advertise, "--token-file", fromStdin];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...environment, FNMESH_LOG: environment.FNMESH_LOG || "warn" },
    // Of its own group: a Ctrl-C is for this process, which lets the job end before the relays do.
    detached: true,
  });
  child.stdin.on("error", () => {}); // It has ended, which is told below.
  child.stdin.write(`${token}\n`);
  let lastWords = "";
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords = line;
    log.debug("a relay says", { line });
  });
  const exited = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  let closing = false;
  void exited.then(() => {
    if (!closing) log.warn("a relay has ended in mid-job; its pairs take another way", { detail: lastWords });
  });
  return {
    ready: readiness(child, exited, () => lastWords),
    close: () => {
      closing = true;
      return ended(child, exited);
    },
  };
}

async function readiness(child: ChildProcess, exited: Promise<void>, lastWords: () => string): Promise<void> {
  const said = new Promise<"ready">((resolve) => child.stdout!.once("data", () => resolve("ready")));
  const limit = deadline(readyLimitMs);
  const first = await Promise.race([said, exited.then(() => "ended"), limit.over]).finally(limit.cancel);
  if (first === "ready") {
    child.stdout!.resume();
    return;
  }
  const why = first === "ended" ? `ended: ${lastWords()}` : `was not ready within ${readyLimitMs / 1000} s`;
  throw new FnmeshError("ORCHESTRATOR_UNAVAILABLE", `a relay process ${why}`, {
    hint: "FNMESH_LOG=debug shows what relays say. Or run without --relays: the orchestrator relays itself.",
  });
}

async function ended(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.stdin!.end();
  const limit = deadline(endLimitMs);
  if ((await Promise.race([exited, limit.over]).finally(limit.cancel)) !== "late") return;
  child.kill("SIGKILL");
  await exited;
}

function deadline(ms: number): { readonly over: Promise<"late">; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), ms);
  });
  return { over, cancel: () => clearTimeout(timer) };
}

/** Rejects when the signal is aborted. */
function failing(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
