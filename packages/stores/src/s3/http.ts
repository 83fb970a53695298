// One HTTP request over a keep-alive connection. Less work than `fetch` for the same bytes: parts are written as they
// are, and an answer is read into memory that the caller has (figures in docs/ARCHITECTURE.md, "Store channels").

import http from "node:http";
import https from "node:https";

export interface HttpRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: readonly Uint8Array[];
  /** Where the body of an answer of this very length goes, unless it is an error's. */
  readonly into?: Uint8Array;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Uint8Array;
}

export interface HttpClient {
  /** Rejects with the network's error, or the signal's reason. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): void;
}

export interface HttpClientOptions {
  readonly encrypted: boolean;
  readonly mostSockets: number;
  /** A connection on which nothing moves for so long is given up, and so is one that is not made. */
  readonly silenceMs: number;
}

const nothing = new Uint8Array(0);

export function createHttpClient({ encrypted, mostSockets, silenceMs }: HttpClientOptions): HttpClient {
  const { Agent, request } = encrypted ? https : http;
  const agent = new Agent({ keepAlive: true, maxSockets: mostSockets, maxFreeSockets: mostSockets });
  return {
    send: ({ method, url, headers, body = [], into, signal }) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const failed = (error: unknown) => reject(signal.aborted ? signal.reason : error);
        const all = { ...headers, ...lengthHeader(method, body) };
        const sent = request(url, { agent, method, headers: all, timeout: silenceMs, signal });
        sent.on("timeout", () => sent.destroy(new Error(`nothing moved for ${silenceMs} ms`)));
        // A listener stays after the answer: a server that answers early may reset what is still being sent.
        sent.on("error", failed);
        sent.on("response", (answer) => {
          const whole = (read: Uint8Array) =>
            resolve({ status: answer.statusCode!, headers: answer.headers, body: read });
          readBody(answer, into).then(whole, failed);
        });
        writeAll(sent, body);
      }),
    close: () => agent.destroy(),
  };
}

function lengthHeader(method: HttpRequest["method"], body: readonly Uint8Array[]) {
  if (method === "GET" || method === "DELETE") return {};
  return { "content-length": `${body.reduce((sum, { length }) => sum + length, 0)}` };
}

function writeAll(request: http.ClientRequest, parts: readonly Uint8Array[]): void {
  request.cork();
  for (const part of parts) request.write(part);
  request.end();
  request.uncork();
}

function readBody(answer: http.IncomingMessage, into: Uint8Array | undefined): Promise<Uint8Array> {
  const length = answer.headers["content-length"];
  const good = answer.statusCode! >= 200 && answer.statusCode! < 300;
  if (!good || length === undefined) return readAll(answer);
  const memory = into?.length === Number(length) ? into : Buffer.allocUnsafeSlow(Number(length));
  return readInto(answer, memory);
}

function readInto(answer: http.IncomingMessage, memory: Uint8Array): Promise<Uint8Array> {
  let filled = 0;
  return new Promise((resolve, reject) => {
    answer.on("data", (chunk: Uint8Array) => {
      memory.set(chunk, filled);
      filled += chunk.length;
    });
    answer.on("error", reject);
    answer.on("end", () =>
      filled === memory.length ? resolve(memory) : reject(new Error("an answer cut short")),
    );
    answer.on("close", () => reject(new Error("the connection was closed inside an answer")));
  });
}

/** Lists and errors: neither gets larger than this. */
const mostTextBytes = 4 * 1024 * 1024;

async function readAll(answer: http.IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > mostTextBytes) throw new Error("an answer without a length that is too long");
    chunks.push(chunk);
  }
  return chunks.length === 0 ? nothing : Buffer.concat(chunks);
}
