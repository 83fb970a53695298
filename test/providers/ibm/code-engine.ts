// Code Engine's API and IBM Cloud's identity service, as far as fnmesh asks them: keys are checked, tokens end, bodies and
// entity tags have to be right, and an application takes a while until it is ready.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readAll } from "../support/instance.ts";

export interface StoredApp {
  readonly body: Readonly<Record<string, unknown>>;
  readonly tag: number;
  /** Looks until it is ready. */
  looks: number;
}

export interface CodeEngineServer extends AsyncDisposable {
  readonly url: string;
  readonly apiKey: string;
  readonly apps: Map<string, StoredApp>;
  /** Where applications are reached. */
  endpoint: string;
  mutations: number;
  interruption: { call: number; when: "before" | "after" } | undefined;
  /** Bodies that came, for what must not be in them. */
  readonly seen: string[];
}

const project = "11111111-2222-3333-4444-555555555555";
export const projectId = project;
const token = "canary-token";
const fields: Readonly<Record<string, (value: unknown) => boolean>> = {
  name: (value) => /^[a-z][-a-z0-9]{0,62}$/.test(String(value)),
  image_reference: (value) => typeof value === "string" && value !== "",
  image_secret: (value) => typeof value === "string",
  image_port: (value) => value === 8080,
  scale_concurrency: Number.isSafeInteger,
  scale_cpu_limit: (value) => /^(0\.\d+|\d+)$/.test(String(value)),
  scale_memory_limit: (value) => /^(0\.\d+|\d+)G$/.test(String(value)),
  scale_min_instances: Number.isSafeInteger,
  scale_max_instances: Number.isSafeInteger,
  scale_request_timeout: (value) => Number(value) >= 1 && Number(value) <= 600,
  run_env_variables: Array.isArray,
};

export async function startCodeEngine(): Promise<CodeEngineServer> {
  const server = createServer((request, response) => {
    void answer(request, response).then(
      ([status, body]) => {
        if (!response.destroyed) response.writeHead(status).end(JSON.stringify(body));
      },
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const engine: CodeEngineServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    apiKey: "canary-api-key",
    apps: new Map(),
    endpoint: "http://127.0.0.1:1",
    mutations: 0,
    interruption: undefined,
    seen: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<[number, unknown]> {
    const text = (await readAll(request)).toString();
    const { pathname } = new URL(request.url!, engine.url);
    if (pathname === "/identity/token") return identify(text);
    engine.seen.push(text);
    if (request.headers.authorization !== `Bearer ${token}`) return [401, { errors: [{ message: "token" }] }];
    const [, , , id, , name] = pathname.split("/");
    if (id !== project) return [404, { errors: [{ message: "no such project" }] }];
    if (request.method === "GET") return look(name!);
    const hit = engine.interruption?.call === 0 ? engine.interruption.when : undefined;
    if (engine.interruption !== undefined) engine.interruption.call -= 1;
    if (hit === "before") response.destroy();
    else {
      const done = change(request, name, text);
      if (done[0] < 300) engine.mutations += 1;
      if (hit === undefined) return done;
      response.destroy();
    }
    return [0, undefined];
  }

  function identify(text: string): [number, unknown] {
    const form = new URLSearchParams(text);
    const isRight =
      form.get("grant_type") === "urn:ibm:params:oauth:grant-type:apikey" &&
      form.get("apikey") === engine.apiKey;
    return isRight
      ? [200, { access_token: token, expires_in: 3600 }]
      : [400, { errorMessage: `Provided API key ${form.get("apikey")} could not be found.` }];
  }

  function look(name: string): [number, unknown] {
    const found = engine.apps.get(name);
    if (found === undefined) return [404, { errors: [{ code: "app_not_found" }] }];
    found.looks -= 1;
    const status = found.looks >= 0 ? "deploying" : "ready";
    return [200, { ...found.body, entity_tag: String(found.tag), status, endpoint: engine.endpoint }];
  }

  function change(
    { method, headers }: IncomingMessage,
    name: string | undefined,
    text: string,
  ): [number, unknown] {
    const wrong = (message: string, status = 400): [number, unknown] => [status, { errors: [{ message }] }];
    if (method === "DELETE") return engine.apps.delete(name!) ? [202, {}] : wrong("not found", 404);
    const body = JSON.parse(text) as Record<string, unknown>;
    const bad = Object.entries(body).find(([key, value]) => !(fields[key]?.(value) ?? false));
    if (bad !== undefined) return wrong(`the field ${bad[0]} is not valid`);
    const key = name ?? String(body.name);
    const found = engine.apps.get(key);
    if (method === "POST") {
      if (found !== undefined) return wrong("app_already_exists", 409);
      if (body.image_reference === undefined) return wrong("image_reference is missing");
    } else {
      if (headers["content-type"] !== "application/merge-patch+json") return wrong("content type", 415);
      if (found === undefined) return wrong("not found", 404);
      if (headers["if-match"] !== String(found.tag)) return wrong("entity tag", 412);
    }
    engine.apps.set(key, { body: { ...found?.body, ...body }, tag: (found?.tag ?? 0) + 1, looks: 2 });
    return [method === "POST" ? 201 : 200, {}];
  }
  return engine;
}
