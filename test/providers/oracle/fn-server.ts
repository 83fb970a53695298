// A server of Fn for tests, in the dialect of Fn itself or of Oracle's cloud, which checks signatures. What is invoked
// runs in containers that are the real image: Fn's development kit on its socket, with the built entry.

import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { type ContainerPool, containerPool, readAll } from "../support/container.ts";
import { createFaults, type Faults } from "../support/faults.ts";
import { createInterruptions, type Interruptions } from "../support/interruptions.ts";
import { startFnContainer } from "./fn-container.ts";

export interface Entity {
  readonly id: string;
  readonly [field: string]: unknown;
}

export interface FnServer extends AsyncDisposable {
  readonly url: string;
  readonly faults: Faults;
  readonly interruptions: Interruptions;
  readonly entities: Map<string, Entity>;
}

export interface FnServerOptions {
  /** Default: Fn's own. */
  readonly dialect?: "fn" | "oci";
  /** Undefined for who may do this; else what is wrong. */
  readonly refuse: (request: IncomingMessage, body: Buffer) => string | undefined;
  /** The folder that the image has as /function. */
  readonly image?: string;
}

const paths = {
  fn: /^\/v2\/(apps|fns)(?:\/([^/]+))?$/,
  oci: /^\/20181201\/(applications|functions)(?:\/([^/]+))?$/,
};
const invokePaths = { fn: /^\/invoke\/([^/]+)$/, oci: /^\/20181201\/functions\/([^/]+)\/actions\/invoke$/ };
const presetTimeoutS = 30;

type Asked = { readonly body: Buffer; readonly headers: IncomingMessage["headers"] };

export async function startFnServer({ dialect = "fn", refuse, image }: FnServerOptions): Promise<FnServer> {
  const faults = createFaults();
  const interruptions = createInterruptions();
  const entities = new Map<string, Entity>();
  const pool: ContainerPool = containerPool(() => {
    const [fn] = [...entities.values()].filter(({ collection }) => collection !== "apps");
    return startFnContainer(image ?? "no container is started", fn?.config as Record<string, string>);
  });
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => say(response, 500, { message: String(error) }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const wrong = refuse(request, body);
    if (wrong !== undefined) return say(response, 401, { message: wrong });
    const { pathname, searchParams } = new URL(request.url!, url);
    const invoked = invokePaths[dialect].exec(pathname)?.[1];
    if (invoked !== undefined) return await invoke(invoked, { body, headers: request.headers }, response);
    const [, collection, id] = paths[dialect].exec(pathname) ?? [];
    if (collection === undefined) return say(response, 404, { message: "Path not found" });
    if (request.method === "GET") return say(response, 200, list(collection, searchParams));
    const said = body.length === 0 ? {} : JSON.parse(body.toString());
    const done = interruptions.change(() => change(request.method!, collection, id, said));
    if (done === undefined) return void response.destroy();
    say(response, ...done);
  }

  function list(collection: string, query: URLSearchParams): unknown {
    const found = [...entities.values()].filter(
      (entity) =>
        entity.collection === collection && [...query].every(([field, value]) => entity[field] === value),
    );
    return dialect === "fn" ? { items: found } : found;
  }

  function change(
    method: string,
    collection: string,
    id: string | undefined,
    said: object,
  ): [number, unknown] {
    if (method === "DELETE") {
      if (!entities.delete(id!)) return [404, { message: "Not found" }];
      // With an application go its functions.
      for (const [each, { app_id }] of entities) if (app_id === id) entities.delete(each);
      return [204, undefined];
    }
    const kept = id === undefined ? { id: randomUUID(), collection } : entities.get(id);
    if (kept === undefined) return [404, { message: "Not found" }];
    const entity = { ...kept, ...said } as Entity;
    if (id === undefined && isTaken(entity)) return [409, { message: "already exists" }];
    const annotations = { ...(entity.annotations as object), ...endpoint(collection, entity.id) };
    const told = dialect === "fn" ? { annotations } : { invokeEndpoint: url, lifecycleState: "ACTIVE" };
    entities.set(entity.id, { ...entity, ...told });
    return [200, entities.get(entity.id)];
  }

  const endpoint = (collection: string, id: string) =>
    collection === "fns" ? { "fnproject.io/fn/invokeEndpoint": `${url}/invoke/${id}` } : {};
  const nameOf = ({ name, displayName, app_id, applicationId }: Entity) =>
    JSON.stringify([name, displayName, app_id, applicationId]);
  const isTaken = (entity: Entity) => [...entities.values()].some((each) => nameOf(each) === nameOf(entity));

  async function invoke(id: string, asked: Asked, response: ServerResponse): Promise<void> {
    const { body } = asked;
    const fn = entities.get(id);
    if (fn === undefined) return say(response, 404, { message: "Function not found" });
    const { throttled, lost, times, delayMs } = faults.next(JSON.parse(body.toString()) as Invocation);
    if (throttled) return say(response, 429, { message: "Too many requests submitted" });
    if (lost) return say(response, 502, { message: "error receiving function response" });
    await pause(delayMs, undefined, { ref: false });
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const timeoutS = Number(fn.timeout ?? fn.timeoutInSeconds ?? presetTimeoutS);
    const runs = Array.from({ length: times }, () => run(asked, timeoutS, gone.signal));
    const [[status, text]] = (await Promise.all(runs)) as [[number, string]];
    if (!response.headersSent) response.writeHead(status, { "content-type": "application/json" });
    response.end(text);
  }

  /** Whoever asks and goes away takes the container along, and so does the end of the time. */
  async function run(
    { body, headers: told }: Asked,
    timeoutS: number,
    gone: AbortSignal,
  ): Promise<[number, string]> {
    const { container } = await pool.take();
    const timeout = AbortSignal.timeout(timeoutS * 1000);
    // Fn passes on what a call brings along, but for what is of the connection (api/agent/agent.go).
    const brought = Object.entries(told).filter(
      ([name]) => !/^(authorization|connection|host|content-length)$/.test(name),
    );
    const headers = {
      ...(Object.fromEntries(brought) as Record<string, string>),
      ...{ "content-type": "application/json", "fn-call-id": randomUUID() },
      "fn-deadline": new Date(Date.now() + timeoutS * 1000).toISOString(),
    };
    try {
      const signal = AbortSignal.any([gone, timeout]);
      const { status, text } = await container.send({ method: "POST", path: "/call", headers, body, signal });
      pool.give(container);
      return [status, text];
    } catch {
      await container.end();
      return timeout.aborted ? [504, `{"message":"Timed out"}`] : [502, `{"message":"function failed"}`];
    }
  }

  return {
    ...{ url, faults, interruptions, entities },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await pool.end();
    },
  };
}

function say(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? "" : JSON.stringify(body));
}
