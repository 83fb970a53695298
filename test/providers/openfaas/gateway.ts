// An OpenFaaS gateway for tests: its API for functions, and invocations that are passed on to pods, which are processes
// of the very container entry. As Kubernetes does, it takes a moment until a new function has a pod.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { freePort } from "../../../packages/stores/src/testing/child-server.ts";
import { createFaults, type Faults } from "../support/faults.ts";

export interface Gateway extends AsyncDisposable {
  readonly url: string;
  readonly password: string;
  readonly faults: Faults;
  readonly functions: Map<string, Deployed>;
  mutations: number;
  /** The next call that changes something and has this number fails. */
  interruption: { call: number; when: "before" | "after" } | undefined;
}

export interface Deployed {
  readonly service: string;
  readonly image: string;
  readonly labels?: Record<string, string>;
  readonly envVars?: Record<string, string>;
  readonly limits?: { readonly memory?: string };
  /** How often its status was asked for. */
  asked: number;
}

const password = "canary-password";
const authorization = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;

export async function startGateway(entry: string): Promise<Gateway> {
  const pods: Pod[] = [];
  const free: Pod[] = [];
  const faults = createFaults();
  const server = createServer((incoming, response) => {
    void answer(incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const gateway: Gateway = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    password,
    faults,
    functions: new Map(),
    mutations: 0,
    interruption: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await Promise.all(pods.map((pod) => pod.end()));
    },
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    if (incoming.headers.authorization !== authorization) return finish(response, 401, "invalid credentials");
    const { pathname } = new URL(incoming.url!, gateway.url);
    if (pathname.startsWith("/function/")) return await invoke(pathname, body, response);
    if (incoming.method === "GET") return status(pathname.split("/").at(-1)!, response);
    const isHit = gateway.interruption?.call === 0;
    const hit = isHit ? gateway.interruption!.when : undefined;
    if (gateway.interruption !== undefined) gateway.interruption.call -= 1;
    if (hit === "before") return void response.destroy();
    gateway.mutations += 1;
    const done = change(incoming.method!, JSON.parse(body.toString()));
    if (hit === "after") return void response.destroy();
    finish(response, done, "");
  }

  function change(method: string, said: Deployed & { readonly functionName?: string }): number {
    const name = said.functionName ?? said.service;
    const isThere = gateway.functions.has(name);
    if (method === "DELETE") return gateway.functions.delete(name) ? 202 : 404;
    if (typeof said.service !== "string" || typeof said.image !== "string") return 400;
    if ((method === "POST") === isThere) return isThere ? 409 : 404;
    gateway.functions.set(name, { ...said, asked: 0 });
    return 202;
  }

  function status(name: string, response: ServerResponse): void {
    const found = gateway.functions.get(name);
    if (found === undefined) {
      finish(response, 404, "");
      return;
    }
    found.asked += 1;
    const { service, ...rest } = found;
    finish(
      response,
      200,
      JSON.stringify({ ...rest, name: service, availableReplicas: found.asked > 1 ? 1 : 0 }),
    );
  }

  async function invoke(pathname: string, body: Buffer, response: ServerResponse): Promise<void> {
    const [name] = pathname.split("/").at(-1)!.split(".");
    if (!gateway.functions.has(name!)) return finish(response, 404, "not found");
    const invocation = JSON.parse(body.toString()) as Invocation;
    const { throttled, lost, times, delayMs } = faults.next(invocation);
    if (throttled) return finish(response, 429, "too many requests");
    if (lost) return finish(response, 502, "the pod went away");
    await pause(delayMs, undefined, { ref: false });
    const answers = Array.from({ length: times }, () => onPod(body, response));
    const [first] = await Promise.all(answers);
    finish(response, first!.status, first!.text);
  }

  /** A free pod, or a new one, for one request at a time. */
  async function onPod(body: Buffer, response: ServerResponse) {
    const pod = free.pop() ?? (await startPod(entry));
    if (!pods.includes(pod)) pods.push(pod);
    const answered = await pod.post(body, response);
    if (pod.isAlive()) free.push(pod);
    return answered;
  }
  return gateway;
}

function finish(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status);
  response.end(text);
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Pod {
  isAlive(): boolean;
  post(body: Buffer, caller: ServerResponse): Promise<{ readonly status: number; readonly text: string }>;
  end(): Promise<void>;
}

const podStartMs = 20_000;

/** A container of the entry, as a process. */
export async function startPod(entry: string, environment: Record<string, string> = {}): Promise<Pod> {
  const port = await freePort();
  const child: ChildProcess = spawn(process.execPath, [entry], {
    env: { ...environment, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const exited = once(child, "exit");
  const isAlive = () => child.exitCode === null && child.signalCode === null;
  const send = (method: string, body: Buffer | undefined, caller?: ServerResponse) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const passed = request({ host: "127.0.0.1", port, method, agent: false }, (response) => {
        readAll(response).then(
          (text) => resolve({ status: response.statusCode!, text: text.toString() }),
          reject,
        );
      });
      passed.once("error", reject);
      caller?.once("close", () => passed.destroy());
      passed.end(body);
    });
  const until = Date.now() + podStartMs;
  while ((await send("GET", undefined).catch(() => undefined)) === undefined) {
    if (!isAlive() || Date.now() > until) throw new Error("the container did not start");
    await pause(20);
  }
  return {
    isAlive,
    post: (body, caller) =>
      send("POST", body, caller).catch((error: Error) => ({ status: 502, text: error.message })),
    async end() {
      if (isAlive()) child.kill("SIGKILL");
      await exited;
    },
  };
}
