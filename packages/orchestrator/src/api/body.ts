// Reading a request's body within a limit, whatever its Content-Length claims.

import type { Context } from "hono";
import { HttpError } from "./http-error.ts";

const tooLarge = (mostBytes: number): HttpError =>
  new HttpError("BODY_TOO_LARGE", `the body has more than ${mostBytes} bytes`, {
    headers: { Connection: "close" },
  });

/** Throws BODY_TOO_LARGE before anything is read when the length is honest about it. */
export function checkContentLength(c: Context, mostBytes: number): void {
  if (Number(c.req.header("content-length") ?? 0) > mostBytes) throw tooLarge(mostBytes);
}

/** The body's chunks; throws BAD_REQUEST when the client goes before its end. */
export async function* bodyChunks(c: Context): AsyncGenerator<Uint8Array> {
  const { body } = c.req.raw;
  if (body === null) return;
  try {
    yield* body;
  } catch {
    throw new HttpError("BAD_REQUEST", "the body ended before its end");
  }
}

/** Throws UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE or BAD_REQUEST. */
export async function readJson(c: Context, mostBytes: number): Promise<unknown> {
  // Also a wall against web pages: a form cannot send this type.
  if (!/^application\/json *(;|$)/i.test(c.req.header("content-type") ?? "")) {
    throw new HttpError("UNSUPPORTED_MEDIA_TYPE", "expected the content type application/json");
  }
  checkContentLength(c, mostBytes);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyChunks(c)) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw tooLarge(mostBytes);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new HttpError("BAD_REQUEST", "the body is not JSON in UTF-8");
  }
}
