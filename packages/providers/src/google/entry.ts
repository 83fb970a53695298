// The function on Google, as its functions-framework calls it: an HTTP function by the name `fnmesh`. The framework reads
// the body, and is no part of this bundle.

import type { IncomingMessage, ServerResponse } from "node:http";
import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

export async function fnmesh(
  request: IncomingMessage & { readonly body?: unknown },
  response: ServerResponse,
): Promise<void> {
  leaveDomain();
  const gone = new AbortController();
  // Who asked has gone, so nobody waits for this worker: its job has ended, or will know.
  response.once("close", () => gone.abort(new Error("the request was given up")));
  const said =
    request.method === "POST" ? await run({ event: request.body, signal: gone.signal }) : { fnmesh: 1 };
  if (response.destroyed) return;
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify(said));
}

/**
 * The framework runs a function in a domain of Node's, which would take the stray errors of a job and answer with no more
 * than a crash. What begins outside of it tells fnmesh, which tells the orchestrator.
 */
function leaveDomain(): void {
  const { domain } = process as { readonly domain?: { exit(): void } | null };
  domain?.exit();
}
