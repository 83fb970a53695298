// Real servers for tests: in the foreground, as children, in a directory of their own. They end with the process that
// started them, and their directory goes, also when that process is killed.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { Readable } from "node:stream";

export interface Place {
  readonly dir: string;
  /** Removes the directory. May be called twice. */
  remove(): Promise<void>;
}

export interface Daemon {
  /** Rejects when it has ended by itself; otherwise stays open. */
  readonly failed: Promise<never>;
  /** By force: nothing that it holds is wanted any more. May be called twice. */
  stop(): Promise<void>;
}

/** A directory that is removed when `remove` is called, or this process has ended in whatever way. */
export async function temporaryPlace(name: string): Promise<Place> {
  const dir = await mkdtemp(join(tmpdir(), `fnmesh-${name}-`));
  // Our end of the pipe closes with us. Removing is tried again: a server that dies with us may still be writing.
  const script = 'cat >/dev/null; for i in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done';
  const keeper = spawn("sh", ["-c", script, "sh", dir], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  keeper.unref();
  const gone = ended(keeper);
  return {
    dir,
    remove: async () => {
      keeper.stdin.end();
      await gone;
    },
  };
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code));
  });

/** Starts a program that stays in the foreground. `log`: where it tells why it ended. */
export function startDaemon(
  program: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly log?: string } = {},
): Daemon {
  const env = { ...process.env, ...options.env };
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...args], {
    env,
    // The fourth is kept open by the program and all that it starts: "close" comes when the last of them is gone.
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  (child.stdio[3] as Readable).resume();
  let words = "";
  child.stderr!.on("data", (chunk) => {
    words = `${words}${chunk}`.slice(-4_000);
  });
  let stopping = false;
  const gone = ended(child);
  const failed = gone.then(async (code) => {
    if (stopping) return new Promise<never>(() => {});
    const log = options.log === undefined ? "" : await readFile(options.log, "utf8").catch(() => "");
    throw new Error(`${program} ended with ${code}: ${words}\n${log.slice(-4_000)}`);
  });
  failed.catch(() => {}); // Who waits for the server sees it.
  return {
    failed,
    stop: async () => {
      stopping = true;
      child.kill("SIGKILL");
      await gone;
    },
  };
}

/** Whether all of them can be run, or are there: a test that needs them says so where they are not. */
export function areThere(programsOrFiles: readonly string[]): boolean {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  const isThere = (name: string) =>
    isAbsolute(name) ? existsSync(name) : folders.some((folder) => existsSync(join(folder, name)));
  return programsOrFiles.every(isThere);
}

/** Runs a program to its end and resolves with what it printed. */
export function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let [out, words] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    words += chunk;
  });
  return ended(child).then((code) => {
    if (code === 0) return out;
    throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${words.slice(-2_000)}`);
  });
}

/** Ports that nobody listens on: for servers that cannot choose one by themselves. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer();
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(0, "127.0.0.1", resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as net.AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Resolves when `ask` does; asks again while it rejects. */
export async function answered<T>(ask: () => Promise<T>, deadlineMs: number): Promise<T> {
  const until = Date.now() + deadlineMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

export function accepts(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
    socket.once("error", reject);
  });
}
