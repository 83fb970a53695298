// OpenWhisk's API, by its own npm client: what fnmesh needs of it, with what its statuses mean.

import { type ErrorCode, FnmeshError } from "@fnmesh/core";
import { optionalModule } from "../kit/optional-module.ts";
import type { PlatformSession } from "../platform.ts";
import { findAccess } from "./access.ts";
import type { OpenWhiskSettings } from "./settings.ts";

export interface Annotation {
  readonly key: string;
  readonly value: unknown;
}

export interface Limits {
  /** Milliseconds. */
  readonly timeout: number;
  /** MB. */
  readonly memory: number;
  /** Activations in one container at one time. */
  readonly concurrency: number;
}

export interface Action {
  readonly annotations?: readonly Annotation[];
  readonly limits?: Partial<Limits>;
}

export interface ActionChange {
  readonly kind: string;
  readonly code: string;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly limits: Limits;
}

/** What is kept of an invocation (docs/actions.md, "Understanding the activation record"). */
export interface Activation {
  readonly activationId: string;
  readonly duration?: number;
  readonly annotations?: readonly Annotation[];
  readonly response?: {
    /** "success", "application error", "action developer error" or "whisk internal error". */
    readonly status: string;
    readonly result?: unknown;
  };
}

export interface OpenWhisk {
  /** Undefined: there is none. */
  action(signal: AbortSignal): Promise<Action | undefined>;
  create(change: ActionChange, signal: AbortSignal): Promise<void>;
  update(change: ActionChange, signal: AbortSignal): Promise<void>;
  /** One that is gone already is deleted. */
  remove(signal: AbortSignal): Promise<void>;
  /** Resolves with the activation's id as soon as it is queued. Rejects with NOT_DEPLOYED or THROTTLED. */
  invoke(event: object, signal: AbortSignal): Promise<string>;
  /** Undefined: it has not ended, or its record is not written yet. */
  activation(id: string, signal: AbortSignal): Promise<Activation | undefined>;
}

/** What the client takes with every call and passes on to its HTTP client, and what else this call needs. */
type Call = Readonly<Record<string, unknown>>;

interface Client {
  readonly actions: Readonly<
    Record<"get" | "create" | "update" | "delete" | "invoke", (call: Call) => Promise<unknown>>
  >;
  readonly activations: { get(call: Call): Promise<unknown> };
}

/** The API answers at once: an invocation is only queued. */
const answerMs = 30_000;

/** Rejects with PROVIDER_UNAVAILABLE where the client is not installed, or with what `findAccess` rejects with. */
export async function openWhisk(
  settings: OpenWhiskSettings,
  { environment }: Pick<PlatformSession, "environment">,
): Promise<OpenWhisk> {
  const { apihost, key } = await findAccess(settings, environment);
  const { default: connect } = await optionalModule("openwhisk", () => import("openwhisk"));
  const { name, namespace } = settings;
  const client = connect({ apihost, api_key: key }) as unknown as Client;
  // A signal of its own: the HTTP client leaves its listener on it.
  const call = (signal: AbortSignal) => ({
    ...{ name, namespace },
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerMs)]),
  });
  const put = (method: "create" | "update", { code, ...change }: ActionChange, signal: AbortSignal) =>
    calling(signal, () => client.actions[method]({ ...call(signal), ...change, action: code }));

  return {
    action: (signal) =>
      unlessAbsent(() =>
        calling(signal, () => client.actions.get({ ...call(signal), code: false }) as Promise<Action>),
      ),
    create: async (change, signal) => void (await put("create", change, signal)),
    update: async (change, signal) => void (await put("update", change, signal)),
    remove: async (signal) =>
      void (await unlessAbsent(() => calling(signal, () => client.actions.delete(call(signal))))),
    async invoke(params, signal) {
      const accepted = (await calling(signal, () =>
        client.actions.invoke({ ...call(signal), params, blocking: false }),
      )) as Partial<Activation>;
      if (accepted.activationId !== undefined) return accepted.activationId;
      throw new FnmeshError("LAUNCH_FAILED", "OpenWhisk took an invocation and did not say its id");
    },
    activation: (id, signal) =>
      unlessAbsent(() =>
        calling(signal, () => client.activations.get({ ...call(signal), name: id }) as Promise<Activation>),
      ),
  };
}

async function unlessAbsent<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof FnmeshError && error.code === "NOT_DEPLOYED") return undefined;
    throw error;
  }
}

async function calling<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  try {
    return await call();
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw meaningOf(error as Error & { readonly statusCode?: number });
  }
}

/** The client's errors name the request and what the API said, and hold no key. */
function meaningOf(cause: Error & { readonly statusCode?: number }): FnmeshError {
  const { statusCode: status, message } = cause;
  const known = meanings.find(({ statuses }) => statuses.includes(status ?? 0));
  const { code, hint } = known ?? refused;
  return new FnmeshError(code, `OpenWhisk: ${message}`, { cause, hint });
}

interface Meaning {
  readonly statuses: readonly number[];
  readonly code: ErrorCode;
  readonly hint: string;
}

const meanings: readonly Meaning[] = [
  {
    statuses: [401, 403],
    code: "PLATFORM_AUTH",
    hint: "Look at the key: __OW_API_KEY, or `wsk property get`.",
  },
  { statuses: [404], code: "NOT_DEPLOYED", hint: "Deploy it first: fnmesh deploy." },
  {
    statuses: [429],
    code: "THROTTLED",
    hint: "The namespace takes no more: fewer workers, openwhisk.perMinute as it is, or a higher limit.",
  },
  {
    // No answer at all, or none of the API's own.
    statuses: [0, 500, 502, 503, 504],
    code: "PROVIDER_UNAVAILABLE",
    hint: "Is openwhisk.apihost right, and can it be reached from here?",
  },
];

const refused: Omit<Meaning, "statuses"> = {
  code: "DEPLOY_FAILED",
  hint: "The installation may give less memory or time than openwhisk.memoryMb and .timeoutMs ask for.",
};
