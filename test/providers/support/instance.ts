// A function's container, as a process of the platform's own runtime.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../../packages/stores/src/testing/child-server.ts";

export interface Answered {
  readonly status: number;
  readonly text: string;
}

type Headers = Readonly<Record<string, string>>;

/** What is answered by an instance that has ended. */
export const gone: Answered = { status: 0, text: "" };

export interface Instance {
  isAlive(): boolean;
  /** Never rejects. */
  post(body: Buffer, caller: ServerResponse, headers?: Headers): Promise<Answered>;
  /** Asks it to end. Resolves when it has. */
  terminate(): Promise<void>;
  /** Ends it by force. */
  end(): Promise<void>;
}

export interface InstanceOptions {
  /** Of Node. */
  readonly args: (port: number) => readonly string[];
  readonly environment?: (port: number) => Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Answers when it is ready. Default: / */
  readonly health?: string;
}

const startMs = 30_000;

export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { args, environment, cwd, health = "/" } = options;
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, args(port), {
    cwd,
    env: environment?.(port) ?? {},
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const send = (method: string, path: string, body?: Buffer, caller?: ServerResponse, more: Headers = {}) =>
    new Promise<Answered>((resolve, reject) => {
      const headers = body === undefined ? {} : { "content-type": "application/json", ...more };
      const passed = request({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
        readAll(response).then(
          (text) => resolve({ status: response.statusCode!, text: text.toString() }),
          reject,
        );
      });
      passed.once("error", reject);
      caller?.once("close", () => passed.destroy());
      passed.end(body);
    });
  const until = Date.now() + startMs;
  while ((await send("GET", health).catch(() => undefined)) === undefined) {
    if (!isAlive() || Date.now() > until) throw new Error("the container did not start");
    await pause(20);
  }
  return {
    isAlive,
    async post(body, caller, headers) {
      try {
        return await send("POST", "/", body, caller, headers);
      } catch {
        // Its caller has gone, or it has ended itself: whoever may use it next has to know which.
        if (!caller.destroyed) await exited;
        return isAlive() ? { status: 499, text: "the caller has gone" } : gone;
      }
    },
    async terminate() {
      if (isAlive()) child.kill("SIGTERM");
      await exited;
    },
    async end() {
      if (isAlive()) child.kill("SIGKILL");
      await exited;
    },
  };
}

export async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
