// Content goes up under its hash, and only what is not there already. A file is read twice: for its hash, and to be sent.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { FnmeshError } from "@fnmesh/core";
import { inputError } from "../input/input-error.ts";
import { type Body, bodyOf, type Http } from "./http.ts";

export type Upload =
  | { readonly text: string }
  /** `name`: what it is called to the person. */
  | { readonly file: string; readonly name: string };

interface Prepared {
  readonly hash: string;
  readonly body: () => Body;
  /** Undefined: it is no file. */
  readonly name?: string;
}

/** Resolves with its SHA-256. Rejects with INPUT_UNREADABLE, LIMIT, ORCHESTRATOR_UNAVAILABLE or AUTH. */
export async function upload(
  http: Http,
  content: Upload,
  { mostBytes, signal }: { readonly mostBytes: number; readonly signal: AbortSignal },
): Promise<string> {
  const { hash, body, name } = await prepare(content, mostBytes, signal);
  if (await isThere(http, hash, signal)) return hash;
  try {
    await http.json({
      ...{ method: "PUT", path: `/blobs/${hash}`, body: body(), signal },
      contentType: "application/octet-stream",
    });
  } catch (error) {
    if (name === undefined || (error as FnmeshError).code !== "INVALID_ARGUMENT") throw error;
    throw new FnmeshError("INPUT_UNREADABLE", `${name} has changed while it was uploaded`, {
      cause: error,
      hint: "Run it when nobody writes to the file.",
    });
  }
  return hash;
}

async function isThere(http: Http, hash: string, signal: AbortSignal): Promise<boolean> {
  const answer = await http.open({ method: "GET", path: `/blobs/${hash}`, fine: [404], signal });
  answer.resume();
  return answer.statusCode !== 404;
}

async function prepare(content: Upload, mostBytes: number, signal: AbortSignal): Promise<Prepared> {
  if ("text" in content) {
    const hash = createHash("sha256").update(content.text).digest("hex");
    return { hash, body: () => bodyOf(content.text) };
  }
  const { file, name } = content;
  const hasher = createHash("sha256");
  let bytes = 0;
  try {
    for await (const chunk of createReadStream(file, { signal }) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      hasher.update(chunk);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw inputError(name, cause);
  }
  if (bytes > mostBytes) throw tooLarge(name, bytes, mostBytes);
  // No byte more than was hashed: what was appended meanwhile would break the request.
  const body = () => ({
    bytes,
    chunks: bytes === 0 ? [] : createReadStream(file, { end: bytes - 1 }),
  });
  return { hash: hasher.digest("hex"), body, name };
}

const tooLarge = (name: string, bytes: number, mostBytes: number) =>
  new FnmeshError(
    "LIMIT",
    `${name} has ${bytes} bytes, and the orchestrator takes files of up to ${mostBytes}`,
    {
      hint: "Cut it into several files, or put it into S3: --input s3://bucket/key.",
    },
  );
