// The function as Knative Functions' runtime for Node calls it (faas-js-runtime): for images that are built by `func`.
// The runtime reads the body, and is no part of this bundle.

import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

/** `body`: of the request, by its content type; undefined for a GET. What is returned is sent as JSON. */
export async function handle(_context: unknown, body?: unknown): Promise<object> {
  return body === undefined || body === null ? { fnmesh: 1 } : await run({ event: body });
}
