// A platform's containers for tests: processes that listen on a port or on a socket, with what a platform does to
// them (freeze, thaw, end), and pools of them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

export type Place = { readonly port: number } | { readonly socketPath: string };

export interface ContainerRequest {
  readonly method: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  readonly signal?: AbortSignal;
}

export interface ContainerAnswer {
  readonly status: number;
  readonly text: string;
}

export interface Container {
  readonly pid: number;
  isAlive(): boolean;
  /** Rejects when the container goes away first. */
  send(request: ContainerRequest): Promise<ContainerAnswer>;
  /** Nothing of it runs until it is thawed. */
  freeze(): void;
  thaw(): void;
  /** Ends it by force. May be called twice. */
  end(): Promise<void>;
}

export interface ContainerOptions {
  /** Of Node. */
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly place: Place;
  /** Whether it may have its first request. Default: when anything answers. */
  readonly isReady?: (container: Container) => Promise<boolean>;
}

const startMs = 20_000;
const shownCharacters = 4_000;

export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { args, environment = {}, cwd, place, isReady = answers } = options;
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...environment },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-shownCharacters);
  });
  const exited = once(child, "exit");
  const container: Container = {
    pid: child.pid!,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    send: (asked) => send(place, asked),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async end() {
      if (container.isAlive()) child.kill("SIGKILL");
      await exited;
    },
  };
  const until = Date.now() + startMs;
  while (!(await isReady(container))) {
    if (!container.isAlive() || Date.now() > until) {
      await container.end();
      throw new Error(`the container did not start: ${said}`);
    }
    await pause(20);
  }
  return container;
}

const answers = (container: Container) =>
  container.send({ method: "GET" }).then(
    () => true,
    () => false,
  );

function send(place: Place, asked: ContainerRequest): Promise<ContainerAnswer> {
  const { method, path = "/", headers = {}, body, signal } = asked;
  return new Promise((resolve, reject) => {
    const where = "port" in place ? { host: "127.0.0.1", port: place.port } : place;
    const passed = request({ ...where, method, path, headers, signal, agent: false }, (response) => {
      readAll(response).then(
        (text) => resolve({ status: response.statusCode!, text: text.toString() }),
        reject,
      );
    });
    passed.once("error", reject);
    passed.end(body);
  });
}

export async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

export interface ContainerPool {
  /** A container that is free, thawed, or a new one; `isNew` then. */
  take(): Promise<{ readonly container: Container; readonly isNew: boolean }>;
  /** It may serve again; a dead one is forgotten. */
  give(container: Container): void;
  /** How many there have been. */
  readonly started: number;
  end(): Promise<void>;
}

/** Idle containers are frozen, as platforms do with theirs. */
export function containerPool(start: () => Promise<Container>): ContainerPool {
  const all = new Set<Promise<Container>>();
  const free: Container[] = [];
  return {
    get started() {
      return all.size;
    },
    async take() {
      for (let kept = free.pop(); kept !== undefined; kept = free.pop()) {
        if (!kept.isAlive()) continue;
        kept.thaw();
        return { container: kept, isNew: false };
      }
      const starting = start();
      all.add(starting);
      return { container: await starting, isNew: true };
    },
    give(container) {
      if (!container.isAlive()) return;
      container.freeze();
      free.push(container);
    },
    async end() {
      const ended = await Promise.allSettled([...all]);
      await Promise.all(ended.map((each) => (each.status === "fulfilled" ? each.value.end() : undefined)));
    },
  };
}
