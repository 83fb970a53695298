// An OpenFaaS gateway for tests: its API for functions, and invocations that are passed on to pods, which are processes
// of the very container entry behind a watchdog. As Kubernetes does, it takes a moment until a new function has a pod.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { callerHeader } from "../../../packages/providers/src/kit/caller-key.ts";
import { type HttpAnswer, httpCall } from "../../../packages/providers/src/kit/http-call.ts";
import { createFaults, type Faults } from "../support/faults.ts";
import { readAll } from "../support/instance.ts";
import { startWatchdog, type Watchdog } from "./watchdog.ts";

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
  const pods: Watchdog[] = [];
  const free: Watchdog[] = [];
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
      await Promise.all(pods.map((pod) => pod[Symbol.asyncDispose]()));
    },
  };

  async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(incoming);
    if (incoming.headers.authorization !== authorization) return finish(response, 401, "invalid credentials");
    const { pathname } = new URL(incoming.url!, gateway.url);
    if (pathname.startsWith("/function/")) return await invoke(pathname, body, incoming, response);
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

  async function invoke(
    pathname: string,
    body: Buffer,
    { headers: { [callerHeader]: caller = "" } }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const [name] = pathname.split("/").at(-1)!.split(".");
    const deployed = gateway.functions.get(name!);
    if (deployed === undefined) return finish(response, 404, "not found");
    const invocation = JSON.parse(body.toString()) as Invocation;
    const { throttled, lost, times, delayMs } = faults.next(invocation);
    if (throttled) return finish(response, 429, "too many requests");
    if (lost) return finish(response, 502, "the pod went away");
    await pause(delayMs, undefined, { ref: false });
    const answers = Array.from({ length: times }, () =>
      onPod(deployed, { body, caller: String(caller) }, response),
    );
    const [first] = await Promise.all(answers);
    finish(response, first!.status, first!.text);
  }

  /** A free pod, or a new one, for one request at a time. */
  async function onPod(
    deployed: Deployed,
    { body, caller }: { readonly body: Buffer; readonly caller: string },
    response: ServerResponse,
  ): Promise<HttpAnswer> {
    let pod = free.pop();
    if (pod === undefined) {
      pod = await startWatchdog({ entry, environment: deployed.envVars ?? {} });
      pods.push(pod);
    }
    const over = new AbortController();
    response.once("close", () => over.abort(new Error("the caller has gone")));
    const headers = { [callerHeader]: caller };
    const call = { url: pod.url, method: "POST", raw: body, headers, signal: over.signal };
    const answered = await httpCall(call).catch((error: Error) => ({
      status: 502,
      headers: {},
      text: error.message,
    }));
    if (pod.isAlive()) free.push(pod);
    return answered;
  }
  return gateway;
}

function finish(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status);
  response.end(text);
}
