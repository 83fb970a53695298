// Lambda's Runtime API (2018-06-01), as one execution environment sees it: its runtime asks for the next event, and posts
// what the function answered, or why it could not.
//
//   GET  …/invocation/next           the event, with Lambda-Runtime-* headers; held until there is one
//   POST …/invocation/ID/response    what the handler returned
//   POST …/invocation/ID/error       what it threw; Lambda-Runtime-Function-Error-Type
//   POST …/init/error                its code did not load

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Delivery {
  readonly requestId: string;
  readonly payload: Uint8Array;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
  readonly functionArn: string;
}

export type Said =
  | { readonly kind: "response"; readonly body: string }
  | { readonly kind: "error"; readonly errorType: string; readonly message: string };

export interface RuntimeApi {
  /** What AWS_LAMBDA_RUNTIME_API says. */
  readonly address: string;
  /** The runtime asks for its first event, or its init has failed. */
  readonly initialised: Promise<"ready" | Extract<Said, { kind: "error" }>>;
  /** Hands over an event. One at a time; resolves with what the function says of it. */
  invoke(delivery: Delivery): Promise<Said>;
  /** Resolves when the runtime asks for another event: it has nothing more to do. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const prefix = "/2018-06-01/runtime";
/** Of a synchronous invocation's answer. */
const mostAnswerBytes = 6 * 1024 * 1024;

interface Pending {
  readonly delivery: Delivery;
  readonly answer: (said: Said) => void;
}

export async function startRuntimeApi(host: string): Promise<RuntimeApi> {
  /** The runtime's question that waits for an event. */
  let asking: ServerResponse | undefined;
  let pending: Pending | undefined;
  let onAsked: () => void = () => {};
  let onInit!: (how: Awaited<RuntimeApi["initialised"]>) => void;
  const initialised = new Promise<Awaited<RuntimeApi["initialised"]>>((resolve) => {
    onInit = resolve;
  });

  const handOver = () => {
    if (asking === undefined || pending === undefined) return;
    const { delivery } = pending;
    asking.writeHead(200, headersOf(delivery)).end(delivery.payload);
    asking = undefined;
  };
  const next = (response: ServerResponse) => {
    asking = response;
    onInit("ready");
    onAsked();
    handOver();
  };
  const say = (id: string, said: Said, response: ServerResponse) => {
    if (pending?.delivery.requestId !== id) return refuse(response, 400, "InvalidRequestID");
    accept(response);
    const { answer } = pending;
    pending = undefined;
    answer(said);
  };

  const server = createServer((request, response) => {
    const route = routeOf(request);
    if (route === "next") return next(response);
    const answered = readBody(request).then((body) => {
      if (body === undefined) return refuse(response, 413, "RequestEntityTooLarge");
      if (route === "init") {
        accept(response);
        return onInit(errorOf(request, body));
      }
      if (route === undefined) return refuse(response, 404, "NotFound");
      const said: Said = route.kind === "response" ? { kind: "response", body } : errorOf(request, body);
      say(route.id, said, response);
    });
    // It was ended in the middle of a request: its process's end tells the rest.
    answered.catch(() => {});
  });
  // A runtime waits for its next event as long as it takes, frozen or not.
  Object.assign(server, { requestTimeout: 0, keepAliveTimeout: 0, timeout: 0 });
  server.listen(0, host);
  await once(server, "listening");

  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    initialised,
    invoke: (delivery) =>
      new Promise((answer) => {
        pending = { delivery, answer };
        handOver();
      }),
    idle: () =>
      new Promise((resolve) => {
        onAsked = resolve;
        if (asking !== undefined) resolve();
      }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type Route = "next" | "init" | { readonly kind: "response" | "error"; readonly id: string } | undefined;

function routeOf({ method, url = "" }: IncomingMessage): Route {
  const key = `${method} ${url.startsWith(prefix) ? url.slice(prefix.length) : "?"}`;
  if (key === "GET /invocation/next") return "next";
  if (key === "POST /init/error") return "init";
  const [, id, kind] = /^POST \/invocation\/([^/]+)\/(response|error)$/.exec(key) ?? [];
  return id === undefined ? undefined : { kind: kind as "response" | "error", id: decodeURIComponent(id) };
}

const headersOf = ({ requestId, deadlineMs, functionArn }: Delivery) => ({
  "Content-Type": "application/json",
  "Lambda-Runtime-Aws-Request-Id": requestId,
  "Lambda-Runtime-Deadline-Ms": String(deadlineMs),
  "Lambda-Runtime-Invoked-Function-Arn": functionArn,
  "Lambda-Runtime-Trace-Id": `Root=1-${requestId.replaceAll("-", "").slice(0, 32)};Sampled=0`,
});

const reply = (response: ServerResponse, status: number, body: unknown) =>
  void response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
const accept = (response: ServerResponse) => reply(response, 202, { status: "OK" });
const refuse = (response: ServerResponse, status: number, errorType: string) =>
  reply(response, status, { errorType, errorMessage: errorType });

function errorOf({ headers }: IncomingMessage, body: string): Extract<Said, { kind: "error" }> {
  const told = JSON.parse(body || "{}") as { errorType?: string; errorMessage?: string };
  const header = headers["lambda-runtime-function-error-type"];
  return {
    kind: "error",
    errorType: told.errorType ?? String(header ?? "Runtime.Unknown"),
    message: told.errorMessage ?? "",
  };
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= mostAnswerBytes) chunks.push(chunk);
  }
  return bytes > mostAnswerBytes ? undefined : Buffer.concat(chunks).toString("utf8");
}
