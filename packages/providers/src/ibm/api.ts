// Code Engine's API for applications (cloud.ibm.com/apidocs/codeengine/v2), with tokens of IBM Cloud's identity service for
// the person's API key.

import { FnmeshError } from "@fnmesh/core";
import { type HttpAnswer, type HttpCall, httpCall } from "../kit/http-call.ts";
import type { PlatformSession } from "../platform.ts";
import type { IbmSettings } from "./settings.ts";

export interface Variable {
  readonly type: "literal";
  readonly name: string;
  readonly value: string;
}

/** What is read of an application. */
export interface Application {
  readonly name: string;
  /** Of this state of it: a change names the one that it is for. */
  readonly entity_tag: string;
  readonly status?: string;
  readonly endpoint?: string;
  readonly image_reference: string;
  readonly image_secret?: string;
  readonly image_port?: number;
  readonly scale_concurrency?: number;
  readonly scale_cpu_limit?: string;
  readonly scale_memory_limit?: string;
  readonly scale_min_instances?: number;
  readonly scale_max_instances?: number;
  readonly scale_request_timeout?: number;
  readonly run_env_variables?: readonly Variable[];
}

export interface CodeEngine {
  /** Undefined: there is none. */
  find(signal: AbortSignal): Promise<Application | undefined>;
  create(body: object, signal: AbortSignal): Promise<void>;
  change(entityTag: string, body: object, signal: AbortSignal): Promise<void>;
  remove(signal: AbortSignal): Promise<void>;
}

/** A token lives for an hour; one that is about to end is not used. */
const tokenMarginMs = 60_000;
const shownCharacters = 500;

/** All members reject with PLATFORM_AUTH, DEPLOY_FAILED or PROVIDER_UNAVAILABLE. */
export function createCodeEngine(
  { api, iam, projectId, name }: IbmSettings,
  { environment }: Pick<PlatformSession, "environment">,
): CodeEngine {
  const apps = `${api}/projects/${projectId}/apps`;
  let token: { readonly text: string; readonly until: number } | undefined;

  const authorization = async (signal: AbortSignal): Promise<string> => {
    if (token === undefined || token.until < Date.now()) token = await freshToken(iam, environment, signal);
    return `Bearer ${token.text}`;
  };
  const call = async (asked: HttpCall, fine: readonly number[] = []): Promise<HttpAnswer> => {
    const headers = { ...asked.headers, authorization: await authorization(asked.signal) };
    const answer = await httpCall({ ...asked, headers });
    if (answer.status < 300 || fine.includes(answer.status)) return answer;
    if (answer.status === 401 || answer.status === 403) throw refused(answer.status);
    throw new FnmeshError("DEPLOY_FAILED", `Code Engine answered ${answer.status}: ${wordsOf(answer)}`, {
      hint: "What Code Engine says above is its own word; then do the same again.",
    });
  };
  return {
    async find(signal) {
      const answer = await call({ url: `${apps}/${name}`, signal }, [404]);
      return answer.status === 404 ? undefined : (JSON.parse(answer.text) as Application);
    },
    async create(body, signal) {
      await call({ url: apps, method: "POST", body, signal });
    },
    async change(entityTag, body, signal) {
      const headers = { "if-match": entityTag, "content-type": "application/merge-patch+json" };
      await call({ url: `${apps}/${name}`, method: "PATCH", raw: JSON.stringify(body), headers, signal });
    },
    async remove(signal) {
      await call({ url: `${apps}/${name}`, method: "DELETE", signal }, [404]);
    },
  };
}

async function freshToken(iam: string, environment: PlatformSession["environment"], signal: AbortSignal) {
  const { IBMCLOUD_API_KEY: key } = environment;
  if (key === undefined || key === "") {
    throw new FnmeshError("PLATFORM_AUTH", "IBMCLOUD_API_KEY is not set", { hint: authHint });
  }
  const form = new URLSearchParams({ grant_type: "urn:ibm:params:oauth:grant-type:apikey", apikey: key });
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" };
  const url = `${iam}/identity/token`;
  const { status, text } = await httpCall({ url, method: "POST", raw: form.toString(), headers, signal });
  // Its words may repeat what was sent.
  if (status !== 200) throw refused(status);
  const { access_token, expires_in } = JSON.parse(text) as { access_token: string; expires_in: number };
  return { text: access_token, until: Date.now() + expires_in * 1000 - tokenMarginMs };
}

const authHint =
  "Make a key by `ibmcloud iam api-key-create fnmesh`, and set IBMCLOUD_API_KEY; docs/providers/ibm.md has the role that it needs.";

const refused = (status: number) =>
  new FnmeshError("PLATFORM_AUTH", `IBM Cloud refuses the API key, or it may not do this (${status})`, {
    hint: authHint,
  });

/** `{ "errors": [{ "code", "message" }] }` */
function wordsOf({ text }: HttpAnswer): string {
  try {
    const { errors } = JSON.parse(text) as { errors?: readonly { readonly message?: string }[] };
    const [first] = errors ?? [];
    if (first?.message !== undefined) return first.message.slice(0, shownCharacters);
  } catch {
    // No JSON: as it is.
  }
  return text.trim().slice(0, shownCharacters);
}
