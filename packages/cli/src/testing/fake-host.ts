// A host without a process: streams that keep what was written, and an environment and a folder of its own.

import { PassThrough } from "node:stream";
import type { Host } from "../host.ts";

export interface FakeHost extends Host {
  out(): string;
  err(): string;
  json(): Record<string, unknown>;
}

export interface FakeHostOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** A folder without settings. */
  readonly cwd: string;
  /** A person at a terminal, who types these keys when a question is shown. */
  readonly keys?: string;
}

export function fakeHost({ environment = {}, cwd, keys }: FakeHostOptions): FakeHost {
  const texts = { out: "", err: "" };
  const stream = (name: keyof typeof texts) => {
    const made = new PassThrough().setEncoding("utf8");
    made.on("data", (text: string) => {
      texts[name] += text;
      if (keys !== undefined && text.includes("?")) setImmediate(() => stdin.write(keys));
    });
    return Object.assign(made, keys === undefined ? {} : { isTTY: true, columns: 100, rows: 40 });
  };
  const terminal = { isTTY: true, setRawMode: () => {} };
  const stdin = Object.assign(new PassThrough(), keys === undefined ? {} : terminal);
  return {
    stdin: stdin as unknown as Host["stdin"],
    stdout: stream("out") as unknown as Host["stdout"],
    stderr: stream("err") as unknown as Host["stderr"],
    environment: { LANG: "C.UTF-8", NO_COLOR: "1", ...environment },
    cwd,
    document: { written: false },
    exit: (code) => {
      throw new Error(`ended with ${code}`);
    },
    out: () => texts.out,
    err: () => texts.err,
    json: () => JSON.parse(texts.out) as Record<string, unknown>,
  };
}
