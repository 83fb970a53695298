// The function as Kubeless' runtime for Node calls it: `event.data` is the body, what is returned is sent as JSON. The
// runtime reads the body, and is no part of this bundle.

import { callerHashVariable, callerHeader, mayCall, strangerAnswer } from "../kit/caller-key.ts";
import { functionEntry } from "../kit/function-entry.ts";

const run = functionEntry();

interface KubelessEvent {
  /** Of JSON: what it says. Of a request without a body: nothing. */
  readonly data?: unknown;
  readonly extensions?: {
    readonly request?: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
    };
  };
}

export async function handler({ data, extensions }: KubelessEvent): Promise<object> {
  const { method, headers } = extensions?.request ?? {};
  if (method === "GET") return { fnmesh: 1 };
  const { [callerHashVariable]: callers } = process.env;
  return mayCall(callers, headers?.[callerHeader]) ? await run({ event: data }) : strangerAnswer;
}
