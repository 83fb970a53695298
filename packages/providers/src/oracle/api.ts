// Fn's API, in either dialect: one application with one function in it.

import { FnmeshError } from "@fnmesh/core";
import { callerHeaders } from "../kit/caller-key.ts";
import { type HttpCall, httpCall } from "../kit/http-call.ts";
import type { PlatformSession } from "../platform.ts";
import { type Dialect, type Entity, fnDialect, functionName, ociDialect } from "./dialects.ts";
import { findIdentity } from "./identity.ts";
import type { OracleSettings } from "./settings.ts";
import { signed } from "./signature.ts";

export interface Fn {
  /** Undefined: there is none. */
  app(signal: AbortSignal): Promise<Entity | undefined>;
  createApp(signal: AbortSignal): Promise<void>;
  removeApp(id: string, signal: AbortSignal): Promise<void>;
  /** The application's function. */
  fn(appId: string, signal: AbortSignal): Promise<Entity | undefined>;
  createFn(appId: string, signal: AbortSignal): Promise<void>;
  updateFn(id: string, appId: string, signal: AbortSignal): Promise<void>;
  removeFn(id: string, signal: AbortSignal): Promise<void>;
  /** The request that invokes it, and is answered when it is over. */
  invocation(fn: Entity, event: object): Omit<HttpCall, "signal">;
}

type Authorise = (call: Omit<HttpCall, "signal">) => Omit<HttpCall, "signal">;

/** Rejects with PLATFORM_AUTH where there is no identity for Oracle's cloud. */
export async function fnApi(
  settings: OracleSettings,
  session: Pick<PlatformSession, "environment">,
): Promise<Fn> {
  const { dialect, url, authorise } = await spokenTo(settings, session);
  const call = async (method: string, path: string, signal: AbortSignal, body?: object): Promise<unknown> => {
    const prepared = authorise({ url: new URL(path, url), method, ...(body && bodyOf(body)) });
    const { status, text } = await httpCall({ ...prepared, signal });
    if (status < 300) return text === "" ? {} : JSON.parse(text);
    // What is to be removed, and is gone.
    if (status === 404 && method === "DELETE") return {};
    throw refusal(status, text);
  };
  const first = async (path: string, query: Readonly<Record<string, string>>, signal: AbortSignal) => {
    const found = dialect.items(await call("GET", `${path}?${new URLSearchParams(query)}`, signal));
    const wanted = path === dialect.apps ? settings.name : functionName;
    return found.find(({ name }) => name === wanted);
  };
  const { apps, fns } = dialect;
  // Fn hands a call's headers on to the function.
  const callers = settings.callerHash === undefined ? {} : callerHeaders(session.environment);
  return {
    app: (signal) => first(apps, dialect.appQuery(settings), signal),
    createApp: async (signal) => void (await call("POST", apps, signal, dialect.appBody(settings))),
    removeApp: async (id, signal) => void (await call("DELETE", `${apps}/${id}`, signal)),
    fn: (appId, signal) => first(fns, dialect.fnQuery(appId), signal),
    createFn: async (appId, signal) =>
      void (await call("POST", fns, signal, dialect.fnBody(settings, appId))),
    updateFn: async (id, appId, signal) =>
      void (await call("PUT", `${fns}/${id}`, signal, dialect.fnBody(settings, appId))),
    removeFn: async (id, signal) => void (await call("DELETE", `${fns}/${id}`, signal)),
    invocation(fn, event) {
      const { headers, ...body } = bodyOf(event);
      const to = { url: new URL(dialect.invokePath(fn), url), method: "POST" };
      return authorise({ ...to, ...body, headers: { ...headers, ...callers } });
    },
  };
}

const bodyOf = (body: object) => ({
  raw: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

async function spokenTo(
  settings: OracleSettings,
  { environment }: Pick<PlatformSession, "environment">,
): Promise<{ readonly dialect: Dialect; readonly url: string; readonly authorise: Authorise }> {
  if (settings.place === undefined) {
    // As the command `fn` has it.
    const { FN_TOKEN: token } = environment;
    const bearer: Readonly<Record<string, string>> = token ? { authorization: `Bearer ${token}` } : {};
    const authorise: Authorise = (call) => ({ ...call, headers: { ...call.headers, ...bearer } });
    return { dialect: fnDialect, url: settings.url!, authorise };
  }
  const identity = await findIdentity(settings.profile, environment);
  const url = settings.url ?? `https://functions.${identity.region}.oci.oraclecloud.com`;
  return { dialect: ociDialect, url, authorise: (call) => signed(call, identity, new Date()) };
}

function refusal(status: number, text: string): FnmeshError {
  const said = text.trim().slice(0, 500);
  if (status === 401 || status === 403) {
    return new FnmeshError("PLATFORM_AUTH", `Fn's API answered ${status}: ${said}`, {
      hint: "Look at FN_TOKEN, or at the user, key and policies in Oracle's cloud.",
    });
  }
  return new FnmeshError("DEPLOY_FAILED", `Fn's API answered ${status}: ${said}`);
}
