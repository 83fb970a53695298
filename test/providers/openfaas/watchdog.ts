// A pod of OpenFaaS: the container's process behind a watchdog, as of-watchdog's HTTP mode has it
// (github.com/openfaas/of-watchdog): it starts the process, tells whether it is healthy, lets in only so many requests
// and for only so long, and on SIGTERM stops taking requests before it ends the process.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answered, gone, readAll, startInstance } from "../support/instance.ts";

export interface WatchdogOptions {
  /** The container's program. */
  readonly entry: string;
  /** Of the deployment: `exec_timeout` is obeyed, as "10s" or "1m10s" are written. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Requests at one time; those beyond it are refused. */
  readonly maxInflight?: number;
}

export interface Watchdog extends AsyncDisposable {
  readonly url: string;
  isAlive(): boolean;
  /** As Kubernetes does before it takes a pod away: resolves when the process has ended. */
  terminate(): Promise<void>;
}

/** Go's way to write a duration, as far as deployments use it. */
export function milliseconds(duration: string): number {
  const [, minutes = "0", seconds = "0"] = /^(?:(\d+)m)?(?:(\d+)s)?$/.exec(duration) ?? [];
  return (Number(minutes) * 60 + Number(seconds)) * 1000;
}

export async function startWatchdog(options: WatchdogOptions): Promise<Watchdog> {
  const { entry, environment = {}, maxInflight = 1 } = options;
  const execTimeoutMs = milliseconds(environment.exec_timeout ?? "") || Infinity;
  const process = await startInstance({
    args: () => [entry],
    environment: (port) => ({ ...environment, PORT: String(port) }),
  });
  let inflight = 0;
  let draining = false;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<Answered> => {
    const isUp = process.isAlive() && !draining;
    if (request.url === "/_/health") return { status: isUp ? 200 : 503, text: isUp ? "OK" : "" };
    if (request.url === "/_/ready") return { status: isUp && inflight < maxInflight ? 200 : 503, text: "" };
    if (!isUp) return { status: 503, text: "" };
    if (inflight >= maxInflight) return { status: 429, text: "concurrent request limit exceeded" };
    inflight += 1;
    try {
      const done = await within(
        process.post(await readAll(request), response, ownHeaders(request)),
        execTimeoutMs,
      );
      if (done === undefined) return { status: 504, text: "" };
      return done === gone ? { status: 502, text: "the process has ended" } : done;
    } finally {
      inflight -= 1;
    }
  };
  const server = createServer((request, response) => {
    void answer(request, response).then(({ status, text }) => response.writeHead(status).end(text));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    isAlive: process.isAlive,
    async terminate() {
      draining = true;
      await process.terminate();
      close();
    },
    async [Symbol.asyncDispose]() {
      close();
      await process.end();
    },
  };
}

/** Those that are the function's business. */
const ownHeaders = ({ headers }: IncomingMessage) =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith("x-") && typeof value === "string" ? [[name, value]] : [],
    ),
  );

async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  if (ms === Infinity) return await work;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
