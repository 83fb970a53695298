// Starts a shaping proxy's process, asks it, and sees to its end. Whatever ends this process ends it too.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { ProgramOptions } from "./program.ts";

export interface ProxyProcess {
  readonly host: string;
  readonly port: number;
  /** What has passed so far, and `processorMs`, its own work. */
  counts(): Promise<Readonly<Record<string, number>>>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** `program`: the bundle of program.ts. Rejects with its words when it does not get so far as to listen. */
export async function startProxy(program: string, options: ProgramOptions): Promise<ProxyProcess> {
  const command = [program, JSON.stringify(options)];
  const child = spawn(process.execPath, command, { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr
    .setEncoding("utf8")
    .on("data", (text: string) => (complaint = (complaint + text).slice(-4_000)));
  child.stdin.on("error", () => {}); // Its end is told below.
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const gone = ended.then(() => Promise.reject(new Error(`a shaping proxy ended:\n${complaint}`)));
  gone.catch(() => {}); // Whoever asks it something hears of it.
  const lines = createInterface({ input: child.stdout });
  const next = async () => {
    const [line] = await Promise.race([once(lines, "line") as Promise<[string]>, gone]);
    return JSON.parse(line) as Record<string, number>;
  };
  const { port } = await next();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    host: options.host,
    port: port!,
    counts() {
      const answer = turn.then(() => {
        const told = next();
        child.stdin.write("counts\n");
        return told;
      });
      turn = answer.catch(() => {});
      return answer;
    },
    async close() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
