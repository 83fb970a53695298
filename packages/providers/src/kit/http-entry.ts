// The function side of platforms that start a container and send it HTTP requests: one POST is one invocation. A HEAD or
// GET is a health check.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { callerHashVariable, callerHeader, mayCall } from "./caller-key.ts";
import { functionEntry } from "./function-entry.ts";

/** Far above any invocation. */
const mostEventBytes = 64 * 1024;

/** Listens until SIGTERM, which lets running invocations end. Takes over the process: call it once. */
export function serveHttp(port: number): void {
  const run = functionEntry();
  const { [callerHashVariable]: callers } = process.env;
  const server = createServer((request, response) => {
    if (request.method !== "POST") return void answer(response, 200, { fnmesh: 1 });
    if (!mayCall(callers, request.headers[callerHeader])) return void answer(response, 403, stranger);
    const gone = new AbortController();
    // Who asked has gone, so nobody waits for this worker: its job has ended, or will know.
    response.once("close", () => gone.abort(new Error("the request was given up")));
    void readEvent(request)
      .then((event) => run({ event, signal: gone.signal }))
      .then((said) => answer(response, 200, said));
  });
  // A function may take as long as its platform lets it.
  server.requestTimeout = 0;
  server.listen(port);
  process.once("SIGTERM", () => server.close(() => process.exit(0)));
}

const stranger = { error: "this function is called by its orchestrator alone" };

/** Undefined for what is no JSON, or too long: the entry says what it thinks of that. */
async function readEvent(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > mostEventBytes) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json" });
  response.end(text);
}
