// Debian's Redis and Memcached, for tests and benchmarks: without persistence, on loopback.

import { type ChildServer, startChildServer } from "./child-server.ts";

export interface RedisServerOptions {
  readonly password?: string;
  /** As Redis writes it: `16mb`. Beyond it, writes are refused. */
  readonly maxmemory?: string;
  readonly port?: number;
  /** More lines of its configuration. */
  readonly config?: readonly string[];
}

export interface StoreServer extends ChildServer {
  /** With the password, if there is one. */
  readonly url: string;
}

/**
 * @example
 * const redis = await startRedis({ maxmemory: "64mb" });
 * onTestFinished(() => redis.stop());
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<StoreServer> {
  const { password, maxmemory, config = [] } = options;
  const lines = (port: number) => [
    `port ${port}`,
    "bind 127.0.0.1",
    'save ""',
    "appendonly no",
    "daemonize no",
    ...(password === undefined ? [] : [`requirepass ${JSON.stringify(password)}`]),
    ...(maxmemory === undefined ? [] : [`maxmemory ${maxmemory}`, "maxmemory-policy noeviction"]),
    ...config,
  ];
  const server = await startChildServer({
    program: "redis-server",
    args: () => ["-"], // The configuration comes over standard input: a password is in no process list.
    input: (port) => `${lines(port).join("\n")}\n`,
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  const proof = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  return Object.assign(server, { url: `redis://${proof}127.0.0.1:${server.port}` });
}

export interface MemcachedServerOptions {
  readonly memoryMb?: number;
  /** The longest item; 1 MiB at least: Debian's server crashes when it is told of less. */
  readonly itemBytes?: number;
  readonly port?: number;
  /** False: refuses what has no room, instead of dropping what is oldest. */
  readonly evicts?: boolean;
}

export async function startMemcached(options: MemcachedServerOptions = {}): Promise<StoreServer> {
  const { memoryMb = 64, itemBytes = 1024 * 1024, evicts = true } = options;
  // As root it must be told whom to be; changing the user would undo the kernel's promise to end it with us.
  const user = process.getuid?.() === 0 ? ["-u", "root"] : [];
  const server = await startChildServer({
    program: "memcached",
    args: (port) => [
      ...["-l", "127.0.0.1", "-p", String(port), "-U", "0"],
      ...["-m", String(memoryMb), "-I", String(itemBytes)],
      ...(evicts ? [] : ["-M"]),
      ...user,
    ],
    ...(options.port === undefined ? {} : { port: options.port }),
  });
  return Object.assign(server, { url: `memcached://127.0.0.1:${server.port}` });
}
