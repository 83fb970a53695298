// A real server for tests and benchmarks, on a free port of this machine. It ends with the process that started it,
// however that ends: the kernel sees to it where it can (Linux).

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import net from "node:net";

export interface ChildServerOptions {
  readonly program: string;
  /** Nothing secret: everybody can see it. */
  readonly args: (port: number) => readonly string[];
  /** Its configuration, where it reads one from standard input. */
  readonly input?: (port: number) => string;
  readonly port?: number;
}

export interface ChildServer {
  readonly port: number;
  readonly pid: number;
  /** Ends it without warning and starts it anew on its port, or does something in between. */
  restart(between?: () => Promise<void>): Promise<void>;
  /** Ends it without warning. `restart` brings it back. */
  kill(): Promise<void>;
  /** May be called twice. */
  stop(): Promise<void>;
}

const startMs = 10_000;
const triesForPort = 5;

export async function startChildServer(options: ChildServerOptions): Promise<ChildServer> {
  const place = await deathSignal();
  let port = options.port ?? (await freePort());
  let child: ChildProcess | undefined;
  for (let left = triesForPort; child === undefined; left -= 1) {
    child = await startOnce(options, port, place);
    if (child !== undefined) break;
    // Somebody else took the port in between.
    if (left === 1 || options.port !== undefined) throw new Error(`${options.program} did not start`);
    port = await freePort();
  }
  const kill = async () => {
    if (child === undefined) return;
    const dying = child;
    child = undefined;
    if (dying.exitCode !== null || dying.signalCode !== null) return;
    const exit = once(dying, "exit");
    dying.kill("SIGKILL"); // It has nothing to save.
    await exit;
  };
  return {
    port,
    get pid() {
      return child?.pid ?? 0;
    },
    async restart(between) {
      await kill();
      await between?.();
      child = await startOnce(options, port, place);
      if (child === undefined) throw new Error(`${options.program} did not start again`);
    },
    kill,
    stop: kill,
  };
}

async function startOnce(
  { program, args, input }: ChildServerOptions,
  port: number,
  place: readonly string[],
): Promise<ChildProcess | undefined> {
  const [command, ...rest] = [...place, program, ...args(port)];
  const child = spawn(command!, rest, { stdio: ["pipe", "ignore", "inherit"] });
  let failure: Error | undefined;
  child.on("error", (error) => {
    failure = error;
  });
  child.stdin!.on("error", () => {}); // It ended before it read its configuration: seen below.
  child.stdin!.end(input?.(port) ?? "");
  const until = performance.now() + startMs;
  while (failure === undefined && child.exitCode === null && child.signalCode === null) {
    if (await answers(port)) return child;
    if (performance.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`${program} did not answer within ${startMs / 1000} s`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10)); // Nothing tells when it listens.
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: "127.0.0.1" });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** What goes before a command so that the kernel ends it with this process. */
function deathSignal(): Promise<readonly string[]> {
  const place = ["setpriv", "--pdeathsig", "KILL", "--"];
  return new Promise((resolve) => {
    execFile(place[0]!, [...place.slice(1), "true"], { timeout: 5_000 }, (error) =>
      resolve(error === null ? place : []),
    );
  });
}
