// Requests to an orchestrator's HTTP API: Node's own client, so that what is long is streamed both ways, with the token
// in a header and nowhere else. Every answer but success is an FnmeshError.

import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { pipeline } from "node:stream/promises";
import { FnmeshError } from "@fnmesh/core";
import { answerError, unavailable } from "./http-error.ts";

export interface Call {
  readonly method: "GET" | "PUT" | "POST";
  /** Below the orchestrator's address. */
  readonly path: string;
  readonly contentType?: string;
  readonly body?: Body;
  /** How long nothing may move. Default 60 s. */
  readonly idleMs?: number;
  /** Statuses beside success that are no errors. */
  readonly fine?: readonly number[];
  readonly signal: AbortSignal;
}

export interface Body {
  readonly bytes: number;
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface Http {
  /** Resolves with a successful answer, whose body is still to be read. Rejects as `answerError` has it. */
  open(call: Call): Promise<IncomingMessage>;
  /** The answer's JSON. */
  json<T>(call: Call): Promise<T>;
  /** Ends what is under way. May be called twice. */
  close(): void;
}

/** The API's event streams are never silent for longer than 15 s. */
const presetIdleMs = 60_000;
/** An answer in JSON: a report with all that a job may emit, and more. */
const mostJsonBytes = 256 * 1024 * 1024;

export const bodyOf = (text: string): Body => {
  const bytes = Buffer.from(text);
  return { bytes: bytes.length, chunks: [bytes] };
};

export function createHttp(address: string, token: string | undefined): Http {
  const base = new URL(address);
  const secure = base.protocol === "https:";
  const agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const closing = new AbortController();

  const open = async (call: Call): Promise<IncomingMessage> => {
    const { method, path, body, contentType, idleMs = presetIdleMs, fine = [] } = call;
    const signal = AbortSignal.any([call.signal, closing.signal]);
    signal.throwIfAborted();
    const url = new URL(base.pathname.replace(/\/$/, "") + path, base);
    const request = (secure ? httpsRequest : httpRequest)(url, {
      ...{ method, agent, signal },
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-length": body.bytes }),
        ...(contentType === undefined ? {} : { "content-type": contentType }),
      },
    });
    request.setTimeout(idleMs, () =>
      request.destroy(new Error(`nothing came for ${Math.round(idleMs / 1000)} s`)),
    );
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      request.once("response", resolve);
      // Also after the answer, when the connection breaks: the body's reader is told of that.
      request.on("error", reject);
    });
    const sent = body === undefined ? request.end() : pipeline(body.chunks, request);
    // Who refuses answers before all is sent: its word counts, and not that sending failed.
    Promise.resolve(sent).catch(() => {});
    const answer = await answered.catch((cause: Error) => {
      signal.throwIfAborted();
      throw unavailable(address, cause);
    });
    const { statusCode = 0 } = answer;
    if (statusCode < 300 || fine.includes(statusCode)) return answer;
    throw answerError(address, statusCode, await textOf(answer, address, signal));
  };
  return {
    open,
    json: async <T>(call: Call) => {
      const signal = AbortSignal.any([call.signal, closing.signal]);
      const text = await textOf(await open(call), address, signal);
      try {
        return JSON.parse(text) as T;
      } catch {
        throw answerError(address, 200, text);
      }
    },
    close() {
      closing.abort(new FnmeshError("CLOSED", "the connection to the orchestrator is closed"));
      agent.destroy();
    },
  };
}

async function textOf(answer: IncomingMessage, address: string, signal: AbortSignal): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > mostJsonBytes) throw new Error(`the answer is longer than ${mostJsonBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw unavailable(address, cause as Error);
  }
  return Buffer.concat(chunks).toString("utf8");
}
