// A process that is started, says one JSON document when it is ready, and answers each line with another one; it ends
// with its standard input, and so with this process, however that ends.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export type Figures = Readonly<Record<string, number>>;

export interface AskedChild {
  /** What it said when it was ready. */
  readonly said: Figures;
  ask(): Promise<Figures>;
  /** May be called twice. */
  close(): Promise<void>;
}

/** `first`: the first line that it gets. Rejects with its words when it does not get so far as to be ready. */
export async function startAskedChild(program: readonly string[], first?: string): Promise<AskedChild> {
  const child = spawn(process.execPath, program, { stdio: ["pipe", "pipe", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  child.stdin.on("error", () => {}); // Its end is told below.
  const ended = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  const gone = ended.then(() => Promise.reject(new Error(`a process of the bench ended:\n${complaint}`)));
  gone.catch(() => {}); // Whoever asks it something hears of it.
  const lines = createInterface({ input: child.stdout });
  const next = async () => {
    const [line] = await Promise.race([once(lines, "line") as Promise<[string]>, gone]);
    return JSON.parse(line) as Figures;
  };
  if (first !== undefined) child.stdin.write(`${first}\n`);
  const said = await next();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    said,
    ask() {
      const answer = turn.then(() => {
        const told = next();
        child.stdin.write("?\n");
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
