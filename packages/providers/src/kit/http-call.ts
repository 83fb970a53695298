// One HTTP request with a JSON body, for platforms that are spoken to without an SDK. By Node's own client: `fetch` gives
// up on an answer after five minutes, and a function may run for longer.

import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { FnmeshError } from "@fnmesh/core";

export interface HttpCall {
  readonly url: string | URL;
  /** Default: GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, with a content-type in `headers`. */
  readonly raw?: Uint8Array | string;
  /** As PEM: who has signed the server's certificate, and nobody else. Default: whom Node trusts. */
  readonly ca?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** More than any platform's description of a function. */
const mostAnswerBytes = 4 * 1024 * 1024;

/**
 * Resolves with whatever the server answers, of any status. Rejects with PROVIDER_UNAVAILABLE where it does not, or with
 * the signal's reason.
 *
 * @example
 * const { status, text } = await httpCall({ url, method: "POST", body: invocation, signal });
 */
export async function httpCall(call: HttpCall): Promise<HttpAnswer> {
  const { method = "GET", headers = {}, body, raw, ca, signal } = call;
  const url = new URL(call.url);
  signal.throwIfAborted();
  const payload = body === undefined ? raw : JSON.stringify(body);
  const request = (url.protocol === "https:" ? httpsRequest : httpRequest)(url, {
    method,
    // Each invocation has a connection of its own: a kept one may be closed by the other side just now.
    agent: false,
    ...(ca === undefined ? {} : { ca }),
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(payload === undefined ? {} : { "content-length": String(Buffer.byteLength(payload)) }),
      ...headers,
    },
    signal,
  });
  try {
    return await answerTo(request, payload);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    if (cause instanceof FnmeshError) throw cause;
    throw new FnmeshError(
      "PROVIDER_UNAVAILABLE",
      `${url.origin} does not answer: ${(cause as Error).message}`,
      { cause, hint: "Is its address right, and can it be reached from here?" },
    );
  }
}

function answerTo(request: ClientRequest, payload: Uint8Array | string | undefined): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.once("error", reject);
    request.once("response", (response) => {
      read(response).then(
        (text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        reject,
      );
    });
    request.end(payload);
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostAnswerBytes) {
      response.destroy();
      throw new FnmeshError("PROVIDER_UNAVAILABLE", "an answer of more than 4 MiB");
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
