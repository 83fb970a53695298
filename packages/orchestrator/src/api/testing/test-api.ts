// A served API over a fake orchestrator, with a spool of its own, for tests over real HTTP.

import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log, LogFields } from "@fnmesh/core";
import { type Api, type ApiOptions, createApi } from "../api.ts";
import { type FakeOrchestrator, fakeOrchestrator } from "./fake-orchestrator.ts";

export interface TestApi extends AsyncDisposable {
  readonly api: Api;
  readonly orchestrator: FakeOrchestrator;
  readonly spoolParent: string;
  /** Everything logged, as one text. */
  logged(): string;
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** Uploads text and returns its hash. */
  put(content: string | Uint8Array): Promise<string>;
  submit(fields?: Record<string, unknown>): Promise<Response>;
  /** Names in the spool's parent directory. */
  spools(): Promise<readonly string[]>;
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

function memoryLog(): { log: Log; text: () => string } {
  const lines: string[] = [];
  const write = (message: string, fields?: LogFields): void => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { log: { debug: write, info: write, warn: write, error: write }, text: () => lines.join("\n") };
}

export async function startTestApi(options: Partial<ApiOptions> = {}): Promise<TestApi> {
  const spoolParent = await mkdtemp(join(tmpdir(), "fnmesh-api-test-"));
  const orchestrator = fakeOrchestrator();
  const { log, text } = memoryLog();
  const remove = () => rm(spoolParent, { recursive: true, force: true });
  const api = await createApi({ orchestrator, log, spool: spoolParent, ...options }).catch(
    async (error: unknown) => {
      await remove();
      throw error;
    },
  );
  const headers: Record<string, string> =
    options.token === undefined ? {} : { Authorization: `Bearer ${options.token}` };
  const call = (path: string, init: RequestInit = {}): Promise<Response> =>
    fetch(api.url + path, { ...init, headers: { ...headers, ...(init.headers as Record<string, string>) } });
  const put = async (content: string | Uint8Array): Promise<string> => {
    const hash = sha256(content);
    await call(`/blobs/${hash}`, { method: "PUT", body: content as string | Uint8Array<ArrayBuffer> });
    return hash;
  };
  return {
    api,
    orchestrator,
    spoolParent,
    logged: text,
    fetch: call,
    put,
    submit: async (fields = {}) =>
      call("/jobs", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ code: fields.code ?? (await put("export default 1")), workers: 2, ...fields }),
      }),
    spools: () => readdir(spoolParent),
    [Symbol.asyncDispose]: async () => {
      await api.close();
      await remove();
    },
  };
}

export const errorOf = async (
  response: Response,
): Promise<{ code: string; message: string; hint?: string }> =>
  ((await response.json()) as { error: { code: string; message: string; hint?: string } }).error;

/** Sends bytes as they are, and resolves with all that comes until the server ends the connection. */
export function rawRequest(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ host: hostname, port: Number(port) }, () => socket.write(text));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("latin1")));
  });
}

/** Resolves as soon as `condition` holds; the test's own limit bounds it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

export interface ServerEvent {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** Reads a text/event-stream response, comments as type "comment". */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  let text = "";
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const match = /^event: (\w+)\ndata: (.*)$/.exec(block);
      yield match === null
        ? { type: "comment", data: {} }
        : { type: match[1]!, data: JSON.parse(match[2]!) as Record<string, unknown> };
    }
  }
}
