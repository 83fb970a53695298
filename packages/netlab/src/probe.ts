// The near end of a probe: a process in one place of the lab whose sockets are commanded from here.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { FnmeshError } from "@fnmesh/core";
import type { Endpoint } from "@fnmesh/core/internal";
import { selfTestFailed } from "./lab-errors.ts";
import { probeScript } from "./probe-script.ts";

/** A dial's end: connected, met by RST, nothing heard in time, or the system's error code. */
export type Outcome = "answered" | "refused" | "silent" | (string & {});

export interface ProbeDial extends Endpoint {
  readonly localAddress?: string;
  readonly localPort?: number;
  readonly withinMs: number;
  /** Leaves the connection open until `hangUp`. */
  readonly keep?: boolean;
}

/** A listener that tells everyone who dials where it sees them. */
export interface ProbeListener extends Endpoint {
  /** Resets its connections and ends it. */
  close(): Promise<void>;
}

export interface Probe {
  dial(dial: ProbeDial): Promise<Outcome>;
  /** From where a probe's listener sees this dial. */
  observe(dial: ProbeDial): Promise<Endpoint>;
  /** Resets all connections that dials kept. */
  hangUp(): Promise<void>;
  /** Port 0: any. */
  listen(host: string, port: number): Promise<ProbeListener>;
  /** Ends the process. May be called twice. */
  close(): Promise<void>;
}

interface Answer {
  readonly id: number;
  readonly outcome: Outcome;
  readonly observed?: string;
}

type Ask = (command: string, fields?: object) => Promise<Answer>;

/**
 * Starts a probe behind `enter`, a command prefix as `Lab.enter` gives it; none: in this process's namespace. Its calls
 * reject with LAB_SELF_TEST when it ends before it has answered.
 */
export function startProbe(enter: readonly string[]): Probe {
  const [tool, ...rest] = [...enter, process.execPath, "-e", probeScript];
  const child = spawn(tool!, rest, { stdio: ["pipe", "pipe", "pipe"] });
  const { ask, ended } = conversation(child);
  return {
    dial: async (dial) => (await ask("dial", dial)).outcome,
    async observe(dial) {
      const { outcome, observed = "" } = await ask("dial", { ...dial, observe: true });
      if (outcome === "answered") return endpointOf(observed);
      throw selfTestFailed(`a dial from the lab to ${dial.host} port ${dial.port} ended as ${outcome}`);
    },
    async hangUp() {
      await ask("hangUp");
    },
    listen: (host, port) => listenBy(ask, host, port),
    close() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

async function listenBy(ask: Ask, host: string, port: number): Promise<ProbeListener> {
  const { id, outcome, observed = "" } = await ask("listen", { host, port });
  if (outcome !== "answered") throw selfTestFailed(`listening on ${host} port ${port} ended as ${outcome}`);
  return {
    ...endpointOf(observed),
    async close() {
      await ask("unlisten", { listener: id });
    },
  };
}

interface Waiting {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

/** Questions and answers by id over the child's standard streams, until it ends. */
function conversation(child: ChildProcessByStdio<Writable, Readable, Readable>) {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let stderr = "";
  let failure: FnmeshError | undefined;
  const ended = new Promise<void>((resolve) => {
    const end = (cause?: Error) => {
      failure ??= selfTestFailed(
        `its probe ended early: ${cause?.message ?? (stderr.trim() || "it said nothing")}`,
      );
      for (const { reject } of waiting.values()) reject(failure);
      waiting.clear();
      resolve();
    };
    child.once("error", end);
    child.once("close", () => end());
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A probe that ends while it is written to breaks the pipe; its "close" then fails whatever waits.
  child.stdin.on("error", () => {});
  createInterface({ input: child.stdout }).on("line", (line) => {
    const answer = JSON.parse(line) as Answer;
    waiting.get(answer.id)?.resolve(answer);
    waiting.delete(answer.id);
  });
  const ask: Ask = (command, fields) => {
    if (failure !== undefined) return Promise.reject(failure);
    const id = ++lastId;
    child.stdin.write(`${JSON.stringify({ ...fields, command, id })}\n`);
    return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
  };
  return { ask, ended };
}

function endpointOf(text: string): Endpoint {
  const [host, port] = text.split(" ");
  return { host: host!, port: Number(port) };
}
