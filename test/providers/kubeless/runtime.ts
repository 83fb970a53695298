// What Kubeless' runtime for Node does (vmware-archive/runtimes, stable/nodejs/kubeless.js), by its contract: it serves
// the module MOD_NAME out of /kubeless, whose export FUNC_HANDLER takes an event and a context. The module is loaded once;
// the script that calls it runs in a context of its own, whose timeout ends code that blocks.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { createContext, Script } from "node:vm";

const { KUBELESS_ROOT, MOD_NAME, FUNC_HANDLER, FUNC_TIMEOUT = "180", FUNC_PORT = "8080" } = process.env;
const { FUNC_RUNTIME, FUNC_MEMORY_LIMIT } = process.env;
// In the image: /kubeless.
const modulePath = join(KUBELESS_ROOT!, `${MOD_NAME}.js`);
const context = {
  "function-name": FUNC_HANDLER,
  timeout: Number(FUNC_TIMEOUT),
  runtime: FUNC_RUNTIME,
  "memory-limit": FUNC_MEMORY_LIMIT,
};

type Handler = (event: object, context: object) => unknown;

const script = new Script(`call(require(${JSON.stringify(modulePath)}));`, { filename: modulePath });

function dataOf(body: Buffer, type = ""): unknown {
  if (body.length === 0) return {};
  return type.startsWith("application/json") ? JSON.parse(body.toString()) : body.toString();
}

function eventOf(request: IncomingMessage, response: ServerResponse, body: Buffer): object {
  const names = ["event-type", "event-id", "event-time", "event-namespace"];
  return {
    ...Object.fromEntries(names.map((name) => [name, request.headers[name]])),
    data: dataOf(body, request.headers["content-type"]),
    extensions: { request, response },
  };
}

function finish(response: ServerResponse, result: unknown): void {
  if (response.writableEnded) return;
  if (typeof result === "string") response.end(result);
  else if (result === undefined) response.end();
  else response.setHeader("content-type", "application/json").end(JSON.stringify(result));
}

function fail(response: ServerResponse, error: unknown): void {
  response.writeHead(500).end("Internal Server Error");
  console.error(`Function failed to execute: ${(error as Error).stack}`);
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/healthz") return void response.end("OK");
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const call = (module: Handler | Readonly<Record<string, Handler>>) => {
    const handler = typeof module === "function" ? module : module[FUNC_HANDLER!]!;
    const event = eventOf(request, response, Buffer.concat(chunks));
    Promise.resolve(handler(event, context)).then(
      (result) => finish(response, result),
      (error: unknown) => fail(response, error),
    );
  };
  try {
    const sandbox = createContext({ ...globalThis, require, call });
    script.runInContext(sandbox, { timeout: context.timeout * 1000 });
  } catch (error) {
    fail(response, error);
  }
}

createServer((request, response) => void serve(request, response)).listen(Number(FUNC_PORT));
