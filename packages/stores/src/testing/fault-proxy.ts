// Between a client and its server, over HTTP: answers some requests itself, as an overloaded or broken service does.

import http from "node:http";
import type { AddressInfo } from "node:net";

export type Fault =
  | { readonly status: number; readonly code?: string; readonly headers?: Readonly<Record<string, string>> }
  /** The connection is reset in place of an answer, or in the middle of it. */
  | "reset"
  | "cut"
  /** Nothing is ever answered. */
  | "silence";

export interface FaultProxy {
  readonly endpoint: string;
  /** What each request meets; undefined: it is passed on. */
  fault: (request: http.IncomingMessage, index: number) => Fault | undefined;
  readonly seen: http.IncomingMessage[];
  close(): Promise<void>;
}

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const { hostname, port } = new URL(target);
  const agent = new http.Agent({ keepAlive: true });
  const seen: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    const fault = proxy.fault(request, seen.length);
    seen.push(request);
    if (fault !== undefined && fault !== "cut") {
      fail(fault, request, response);
      return;
    }
    const { method, url, headers } = request;
    const onward = http.request(
      { hostname, port, method, path: url, headers, agent, setHost: false },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        if (fault === "cut")
          answer.once("data", (chunk) =>
            response.write(chunk.subarray(0, 1), () => request.socket.destroy()),
          );
        else answer.pipe(response);
      },
    );
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fault: () => undefined,
    seen,
    close: async () => {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

function fail(
  fault: Exclude<Fault, "cut">,
  request: http.IncomingMessage,
  response: http.ServerResponse,
): void {
  if (fault === "silence") return;
  if (fault === "reset") {
    request.socket.resetAndDestroy();
    return;
  }
  request.resume();
  request.on("end", () => {
    const body =
      fault.code === undefined ? "" : `<?xml version="1.0"?><Error><Code>${fault.code}</Code></Error>`;
    response.writeHead(fault.status, { "content-length": body.length, ...fault.headers });
    response.end(body);
  });
}
