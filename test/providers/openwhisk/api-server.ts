// An OpenWhisk for tests: the part of its API that its client calls for actions and activations
// (github.com/apache/openwhisk, core/controller/src/main/resources/apiv1swagger.json), and an invoker that runs what was
// deployed in containers of the action runtime: initialised once, warm after that, frozen in between, killed when their
// time is over.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Invocation } from "@fnmesh/core/internal";
import { readAll } from "../support/container.ts";
import { createFaults, type Faults } from "../support/faults.ts";
import { createInterruptions, type Interruptions } from "../support/interruptions.ts";
import { createInvoker, type Deployed } from "./invoker.ts";

export interface ApiServer extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  readonly faults: Faults;
  readonly actions: Map<string, Deployed>;
  readonly interruptions: Interruptions;
  /** Containers that there have been. */
  readonly containers: number;
}

const key = "23bc46b1-71f6-4ed5-8c54-816aa4f8c502:canary-key";
const authorization = `Basic ${Buffer.from(key).toString("base64")}`;

type Put = Omit<Deployed, "annotations"> & { readonly annotations: Deployed["annotations"] };

export async function startApiServer(): Promise<ApiServer> {
  const faults = createFaults();
  const interruptions = createInterruptions();
  const invoker = createInvoker();
  const actions = new Map<string, Deployed>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => say(response, 500, { error: String(error) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    if (request.headers.authorization !== authorization) {
      return say(response, 401, { error: "The supplied authentication is invalid." });
    }
    const { pathname, searchParams } = new URL(request.url!, "http://openwhisk");
    const [, namespace, collection, name] =
      /^\/api\/v1\/namespaces\/([^/]+)\/(\w+)\/(.+)$/.exec(pathname) ?? [];
    if (namespace !== "_") return say(response, 403, { error: "not your namespace" });
    const said = body.length === 0 ? {} : JSON.parse(body.toString());
    if (collection === "activations") return found(response, invoker.activations.get(name!));
    if (request.method === "GET") return found(response, shown(actions.get(name!), searchParams));
    if (request.method === "POST") return invoke(name!, said as Invocation, response);
    const effect = request.method === "PUT" ? () => put(name!, said, searchParams) : () => drop(name!);
    const done = interruptions.change(effect);
    if (done === undefined) return void response.destroy();
    say(response, ...done);
  }

  function put(name: string, said: Put, query: URLSearchParams): [number, unknown] {
    const isThere = actions.has(name);
    if (isThere && query.get("overwrite") !== "true") return [409, { error: "resource already exists" }];
    const wrong = refusal(said);
    if (wrong !== undefined) return [400, { error: wrong }];
    const annotations = [...said.annotations, { key: "exec", value: said.exec.kind }];
    actions.set(name, { ...said, annotations });
    return [200, { name }];
  }

  function drop(name: string): [number, unknown] {
    return actions.delete(name)
      ? [200, { name }]
      : [404, { error: "The requested resource does not exist." }];
  }

  function invoke(name: string, invocation: Invocation, response: ServerResponse): void {
    const action = actions.get(name);
    if (action === undefined) {
      found(response, undefined);
      return;
    }
    const { throttled, lost, times, delayMs } = faults.next(invocation);
    if (throttled) {
      say(response, 429, {
        error: "Too many requests in the last minute (count: 121, allowed: 120).",
      });
      return;
    }
    const activationId = randomUUID().replaceAll("-", "");
    for (let time = 0; time < times && !lost; time += 1) {
      void invoker.run({ action, name, activationId, delayMs, params: invocation });
    }
    say(response, 202, { activationId });
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ key, faults, actions, interruptions },
    get containers() {
      return invoker.containers;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await invoker.end();
    },
  };
}

/** As a stock installation has its limits. */
function refusal({ exec, limits }: Put): string | undefined {
  const { memory = 256, timeout = 60_000, concurrency = 1 } = limits ?? {};
  if (!/^nodejs:(20|22)$/.test(exec?.kind ?? ""))
    return `kind '${exec?.kind}' not in Set(nodejs:20, nodejs:22)`;
  if (typeof exec.code !== "string") return "code undefined";
  if (memory < 128 || memory > 512) return `Memory ${memory} MB exceeds the allowed limits`;
  if (timeout < 100 || timeout > 300_000) return `Timeout ${timeout} ms exceeds the allowed limits`;
  return concurrency === 1 ? undefined : "concurrency is not enabled";
}

/** Without the code, where it was asked to leave that out. */
function shown(action: Deployed | undefined, query: URLSearchParams): object | undefined {
  if (action === undefined || query.get("code") !== "false") return action;
  return { ...action, exec: { kind: action.exec.kind, binary: false } };
}

const found = (response: ServerResponse, what: unknown): void =>
  what === undefined
    ? say(response, 404, { error: "The requested resource does not exist." })
    : say(response, 200, what);

function say(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
