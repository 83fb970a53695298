// Starts a rival's process and sees to its end.

import { spawn } from "node:child_process";

export interface Child {
  /** Rejects when the process ends badly or cannot be started; never resolves otherwise. */
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** `command` is a whole command line; its words of complaint come with the failure. */
export function startChild(command: readonly string[]): Child {
  const [file, ...args] = command;
  const child = spawn(file!, args, { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
    child.once("error", () => resolve());
  });
  const failed = new Promise<never>((_, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code !== 0 && code !== null) reject(new Error(`a rival ended with code ${code}:\n${complaint}`));
    });
  });
  // Whoever waits for the process also races with this; when nobody does any more, its end is no news.
  failed.catch(() => {});
  return {
    failed,
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
