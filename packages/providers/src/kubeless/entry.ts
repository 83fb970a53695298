// The function as Kubeless' runtime for Node calls it: `event.data` is the body, what is returned is sent as JSON. The
// runtime reads the body, and is no part of this bundle.

import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

interface KubelessEvent {
  /** Of JSON: what it says. Of a request without a body: nothing. */
  readonly data?: unknown;
  readonly extensions?: { readonly request?: { readonly method?: string } };
}

export async function handler({ data, extensions }: KubelessEvent): Promise<object> {
  return extensions?.request?.method === "GET" ? { fnmesh: 1 } : await run({ event: data });
}
