// Measuring this machine by doing, in small, what a run does: a dial from a chosen port, a bundle, a job of two workers.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { FnmeshError } from "@fnmesh/core";
import { type Env, nodeEnv, type Socket, silentLog } from "@fnmesh/core/internal";
import { createCleanup } from "../cleanup.ts";
import { formatMs } from "../text/format.ts";
import type { Check } from "./check.ts";

const loopback = "127.0.0.1";

/** A worker's first connection goes out from a port that it chose itself: everything else follows from that. */
export async function probeDial(env: Env = nodeEnv()): Promise<Check> {
  const name = "ports";
  try {
    const port = await dialFromChosenPort(env);
    return { name, status: "ok", detail: `loopback answers, and a dial from port ${port} came from there` };
  } catch (error) {
    const fix = "Is the loopback interface up (ip link set lo up), and does no firewall stand on it?";
    return { name, status: "fail", detail: `dialling on loopback failed: ${messageOf(error)}`, fix };
  }
}

const dialTries = 5;

async function dialFromChosenPort({ net, random }: Env): Promise<number> {
  const { first, last } = net.ephemeralPorts();
  const sockets: Socket[] = [];
  let seen: (port: number | undefined) => void = () => {};
  const listener = await net.listen({
    host: loopback,
    port: 0,
    onConnection: (socket) => {
      sockets.push(socket);
      seen(socket.remotePort);
    },
  });
  try {
    for (let tried = 1; ; tried++) {
      const localPort = random.int(first, last + 1);
      const observed = new Promise<number | undefined>((resolve) => {
        seen = resolve;
      });
      const dialled = net.dial({
        host: loopback,
        port: listener.port,
        localPort,
        signal: AbortSignal.timeout(2_000),
      });
      try {
        sockets.push(await dialled);
      } catch (error) {
        // The port may be taken: a worker would try another too.
        if (tried < dialTries && (error as NodeJS.ErrnoException).code === "EADDRINUSE") continue;
        throw error;
      }
      const port = await observed;
      if (port !== localPort) throw new Error(`a dial from port ${localPort} came from ${port}`);
      return localPort;
    }
  } finally {
    for (const socket of sockets) socket.destroy();
    await listener.close();
  }
}

export async function probeBundler(): Promise<Check> {
  const name = "esbuild";
  try {
    const esbuild = await import("esbuild");
    await esbuild.transform("const n: number = 1", { loader: "ts" });
    await esbuild.stop();
    return { name, status: "ok", detail: esbuild.version };
  } catch (error) {
    const fix = "Install fnmesh again, on this platform and with optional dependencies.";
    return { name, status: "fail", detail: messageOf(error).split("\n")[0]!, fix };
  }
}

/** Files that this process may have open, or undefined where nobody says. */
export async function descriptorLimit(): Promise<number | undefined> {
  try {
    const line = /^Max open files\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return line === "unlimited" ? Number.POSITIVE_INFINITY : Number(line) || undefined;
  } catch {
    return await askShell(); // No /proc: not Linux.
  }
}

async function askShell(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("sh", ["-c", "ulimit -n"], { timeout: 2_000 });
    return stdout.trim() === "unlimited" ? Number.POSITIVE_INFINITY : Number(stdout.trim()) || undefined;
  } catch {
    return undefined; // No shell either: the check says that it does not know.
  }
}

/** Two workers that exchange a word, as the smallest job there is. */
const greeting = `export default { fnmesh: 1, async run({ rank, peers }) {
  await peers.send(1 - rank, "hello");
  return (await peers.receive({ from: 1 - rank })).value;
} };`;
const greetingTimeoutMs = 20_000;

export async function probeJob(): Promise<Check> {
  const name = "a job";
  const cleanup = createCleanup(silentLog);
  try {
    const { wallMs, path } = await greet(cleanup);
    const detail = `2 workers exchanged a message, ${path}, in ${formatMs(wallMs)}`;
    if (path === "direct") return { name, status: "ok", detail };
    return { name, status: "warn", detail, fix: "Does a firewall stand between processes of this machine?" };
  } catch (error) {
    const hint = error instanceof FnmeshError ? error.hint : undefined;
    const detail = `2 workers could not exchange a message: ${messageOf(error)}`;
    return { name, status: "fail", detail, ...(hint === undefined ? {} : { fix: hint }) };
  } finally {
    await cleanup.run();
  }
}

async function greet(cleanup: ReturnType<typeof createCleanup>): Promise<{ wallMs: number; path: string }> {
  const { createOrchestrator } = await import("@fnmesh/orchestrator");
  const { localProvider } = await import("@fnmesh/providers/local");
  const provider = localProvider();
  cleanup.add("provider", () => provider.close());
  const orchestrator = await createOrchestrator({ env: nodeEnv(), providers: [provider] });
  cleanup.add("orchestrator", () => orchestrator.close());
  const { error, result, timing, pairs } = await orchestrator.submit({
    name: "doctor",
    code: greeting,
    workers: 2,
    provider: "local",
    nat: "none",
    channel: "auto",
    encrypt: true,
    memoryMb: 128,
    timeoutMs: greetingTimeoutMs,
    params: {},
    input: [[], []],
  }).report;
  if (error !== null) throw FnmeshError.fromRecord(error);
  if (result !== "hello") throw new Error(`it came as ${JSON.stringify(result)}`);
  return { wallMs: timing.wallMs, path: pairs.direct === 1 ? "direct" : "by the relay" };
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
