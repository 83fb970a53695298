// Azure for tests, as its users see it from outside: a queue that checks signatures, and a function app that the queue
// triggers, on instances that are worker processes with the real programming model. The app's host.json is obeyed.

import { createHmac, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Invocation } from "@fnmesh/core/internal";
import { freePort } from "../../../packages/stores/src/testing/child-server.ts";
import { containerPool, readAll, startContainer } from "../support/container.ts";
import { createFaults, type Faults } from "../support/faults.ts";

export interface FunctionsApp extends AsyncDisposable {
  /** Of the queue service. */
  readonly url: string;
  /** The account's. */
  readonly key: string;
  readonly faults: Faults;
  /** Messages that could not be handled, which Azure keeps in another queue. */
  readonly poison: string[];
}

const host = join(import.meta.dirname, "functions-host.cjs");
const root = join(import.meta.dirname, "../../..");
const key = Buffer.from("canary-account-key").toString("base64");

interface HostJson {
  readonly functionTimeout: string;
  readonly extensions: {
    readonly queues: Readonly<Record<"batchSize" | "newBatchThreshold" | "maxDequeueCount", number>>;
  };
}

/** `files`: what is deployed; undefined: nothing, and there is no queue. */
export async function startFunctionsApp(
  account: string,
  files: Readonly<Record<string, string>> | undefined,
): Promise<FunctionsApp> {
  const folder = await mkdtemp(join(tmpdir(), "fnmesh-app-"));
  for (const [name, text] of Object.entries(files ?? {})) await writeFile(join(folder, name), text);
  const faults = createFaults();
  const poison: string[] = [];
  const over = new AbortController();
  const pool = containerPool(async () => {
    const port = await freePort();
    // Azure has installed what the app's package.json names.
    const environment = { NODE_PATH: join(root, "node_modules") };
    return startContainer({ args: [host, folder, String(port)], environment, place: { port } });
  });
  const { functionTimeout, extensions } = JSON.parse(files?.["host.json"] ?? "{}") as HostJson;

  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => say(response, 500, String(error)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await readAll(request)).toString();
    const url = new URL(request.url!, "http://queues");
    if (!isSigned(request, url, body, account)) return say(response, 403, code("AuthenticationFailed"));
    if (files === undefined) return say(response, 404, code("QueueNotFound"));
    const text = /<MessageText>(.+)<\/MessageText>/.exec(body)?.[1];
    if (url.pathname !== "/fnmesh/messages" || text === undefined) {
      return say(response, 400, code("InvalidInput"));
    }
    const message = Buffer.from(text, "base64").toString();
    const { throttled, lost, times, delayMs } = faults.next(JSON.parse(message) as Invocation);
    if (throttled) return say(response, 503, code("ServerBusy"));
    for (let time = 0; time < times && !lost; time += 1) void trigger(message, delayMs);
    say(response, 201, `<QueueMessagesList><MessageId>${randomUUID()}</MessageId></QueueMessagesList>`);
  }

  /** One message in one instance at one time, because host.json says so. */
  async function trigger(message: string, delayMs: number): Promise<void> {
    const { batchSize, newBatchThreshold, maxDequeueCount } = extensions.queues;
    if (batchSize + newBatchThreshold !== 1) throw new Error("instances would be shared");
    try {
      await pause(delayMs, undefined, { ref: false, signal: over.signal });
      const { container } = await pool.take();
      const headers = { "x-invocation-id": randomUUID() };
      const signal = AbortSignal.timeout(millisecondsOf(functionTimeout));
      const sent = container.send({ method: "POST", headers, body: message, signal });
      // The process of an execution that broke off, or took too long, is replaced.
      const done = await sent.catch(() => container.end());
      pool.give(container);
      if (done?.status === 200) return;
    } catch {
      if (over.signal.aborted) return; // The test has ended.
    }
    if (maxDequeueCount === 1) poison.push(message);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ key, faults, poison },
    async [Symbol.asyncDispose]() {
      over.abort();
      server.closeAllConnections();
      server.close();
      await pool.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** hh:mm:ss */
const millisecondsOf = (timeSpan: string): number => {
  const [hours = 0, minutes = 0, seconds = 0] = timeSpan.split(":").map(Number);
  return ((hours * 60 + minutes) * 60 + seconds) * 1000;
};

/** learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key, for a POST with one parameter. */
function isSigned({ headers, method }: IncomingMessage, url: URL, body: string, account: string): boolean {
  const known = `x-ms-date:${headers["x-ms-date"]}\nx-ms-version:${headers["x-ms-version"]}\n`;
  const parameter = `messagettl:${url.searchParams.get("messagettl")}`;
  const empty = "\n".repeat(7);
  const size = Buffer.byteLength(body);
  const text = `${method}\n\n\n${size}\n\n${headers["content-type"]}${empty}${known}/${account}${url.pathname}\n${parameter}`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  const isRecent = Math.abs(Date.now() - Date.parse(String(headers["x-ms-date"]))) < 15 * 60_000;
  return isRecent && headers.authorization === `SharedKey ${account}:${signature}`;
}

const code = (name: string): string => `<?xml version="1.0"?><Error><Code>${name}</Code></Error>`;

function say(response: ServerResponse, status: number, text: string): void {
  if (response.headersSent) return;
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(text);
}
