// The HTTP server under the app: limits against slow and broken clients, and an end that leaves nothing open.

import { createServer, type RequestListener, type Server, type ServerOptions, STATUS_CODES } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { FnmeshError } from "@fnmesh/core";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import type { TlsMaterial } from "./certificate.ts";
import { trackConnections } from "./connections.ts";
import { errorBody, HttpError, type HttpErrorCode, httpStatus } from "./http-error.ts";
import type { ApiLimits } from "./limits.ts";

export interface HttpServer {
  readonly port: number;
  /** For connections from now on; only where it was started with TLS. */
  renew(material: TlsMaterial): void;
  /** Waits `closeGraceMs` for requests under way, then cuts them. */
  close(): Promise<void>;
}

/** What Node's parser meets before there is a request. */
const parserErrors: Readonly<Record<string, HttpErrorCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "TIMEOUT",
  HPE_HEADER_OVERFLOW: "HEADERS_TOO_LARGE",
};

const plainMessages = {
  TIMEOUT: "the request took too long",
  HEADERS_TOO_LARGE: "the headers are too large",
  BAD_REQUEST: "the request is not HTTP/1.1",
} as Partial<Record<HttpErrorCode, string>>;

const plainError = (code: HttpErrorCode): { status: number; body: string } => ({
  status: httpStatus(code),
  body: JSON.stringify(errorBody(new HttpError(code, plainMessages[code] ?? "the request is refused"))),
});

function answerBrokenClient(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") return void socket.destroy();
  const { status, body } = plainError(parserErrors[error.code ?? ""] ?? "BAD_REQUEST");
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const listenErrors: Readonly<Record<string, { code: "PORT_IN_USE" | "USAGE"; hint: string }>> = {
  EADDRINUSE: { code: "PORT_IN_USE", hint: "Choose another port, or 0 for any free one." },
  EADDRNOTAVAIL: { code: "USAGE", hint: "Choose an address that this machine has." },
  EACCES: { code: "USAGE", hint: "Choose a port from 1024 on." },
  ENOTFOUND: { code: "USAGE", hint: "Choose an address that this machine has." },
};

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const { code, hint } = listenErrors[cause.code ?? ""] ?? { code: "INTERNAL" as const, hint: undefined };
      const details = hint === undefined ? { cause } : { cause, hint };
      reject(new FnmeshError(code, `the API cannot listen on ${host}:${port}: ${cause.message}`, details));
    });
    server.listen(port, host, resolve);
  });
}

export interface ServeOptions {
  readonly app: Hono;
  readonly host: string;
  readonly port: number;
  readonly limits: ApiLimits;
  /** Without it, HTTP in the clear. */
  readonly tls?: TlsMaterial | undefined;
}

/** TLS 1.2 is what the oldest clients that are still mended speak. */
const tlsVersion = "TLSv1.2";

function tlsServer(
  options: ServerOptions,
  limits: ApiLimits,
  tls: TlsMaterial,
  listener: RequestListener,
): TlsServer {
  // A handshake is what comes before the headers, and holds a connection just as they do.
  const handshake = { handshakeTimeout: limits.headersTimeoutMs, minVersion: tlsVersion } as const;
  return createTlsServer({ ...options, ...handshake, ...tls }, listener);
}

/** Rejects with PORT_IN_USE or USAGE. */
export async function serveHttp({ app, host, port, limits, tls }: ServeOptions): Promise<HttpServer> {
  const listener = getRequestListener(app.fetch, {
    // By default the adapter replaces the process's Request and Response: this server is a guest in it.
    overrideGlobalObjects: false,
    // What has no usable Host or target never becomes a request.
    errorHandler: () => {
      const { status, body } = plainError("BAD_REQUEST");
      return new Response(body, { status, headers: { "Content-Type": "application/json" } });
    },
  });
  const answer: RequestListener = (request, response) => void listener(request, response);
  const options: ServerOptions = {
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    connectionsCheckingInterval: Math.max(100, limits.headersTimeoutMs / 4),
  };
  const secured = tls && tlsServer(options, limits, tls, answer);
  const server: Server = secured ?? createServer(options, answer);
  server.maxConnections = limits.connections;
  server.timeout = limits.idleTimeoutMs;
  server.on("clientError", answerBrokenClient);
  const connections = trackConnections(server);
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    renew: (material) => secured?.setSecureContext({ ...material, minVersion: tlsVersion }),
    close: () => connections.close(limits.closeGraceMs),
  };
}
