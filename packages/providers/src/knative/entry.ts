// The function as Knative Functions' runtime for Node calls it (faas-js-runtime): for images that are built by `func`.
// The runtime reads the body, and is no part of this bundle.

import { callerHashVariable, callerHeader, mayCall } from "../kit/caller-key.ts";
import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

/** Of the request, as far as it is looked at. */
interface Context {
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}

/** `body`: of the request, by its content type; undefined for a GET. What is returned is sent as JSON. */
export async function handle(context: Context, body?: unknown): Promise<object> {
  if (body === undefined || body === null) return { fnmesh: 1 };
  const { [callerHashVariable]: callers } = process.env;
  if (!mayCall(callers, context.headers?.[callerHeader])) return { statusCode: 403, body: "" };
  return await run({ event: body });
}
