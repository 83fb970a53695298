// A real Redis for tests of the command, on a free port of loopback, with a password; nothing of it stays.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface RedisServer {
  readonly port: number;
  /** One command by its words; the answer as it is on the wire. */
  ask(...words: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

/** Rejects when there is no `redis-server`, or it does not start. */
export async function startRedis(password: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "fnmesh-redis-"));
  const port = await freePort();
  const settings = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  // The password by standard input: the process list is everyone's to read, and a test looks there.
  const child = spawn("redis-server", ["-", ...settings], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = once(child, "exit");
  child.stdin.end(`requirepass ${password}\n`);
  const ended = exit.then(() => Promise.reject(new Error("redis-server ended")));
  ended.catch(() => {});
  let said = "";
  const ready = new Promise<void>((resolve) => {
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("Ready to accept connections")) resolve();
    });
  });
  await Promise.race([ready, ended]);
  return {
    port,
    ask: (...words) => ask(port, [["AUTH", password], words]),
    async close() {
      child.kill("SIGTERM");
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function ask(port: number, commands: readonly (readonly string[])[]): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  const lines = [...commands, ["QUIT"]].map((words) => `${words.join(" ")}\r\n`);
  socket.end(lines.join(""));
  const chunks: string[] = [];
  for await (const chunk of socket.setEncoding("utf8")) chunks.push(String(chunk));
  // Without the answers to AUTH and QUIT.
  return chunks
    .join("")
    .replace(/^\+OK\r\n/, "")
    .replace(/\+OK\r\n$/, "");
}
