// The two APIs of Fn: its own (github.com/fnproject/fn, docs/swagger_v2.yml), and that of Oracle's cloud
// (docs.oracle.com/iaas/api/#/en/functions), which says the same with other names.

import { callerHashVariable } from "../kit/caller-key.ts";
import type { OracleSettings } from "./settings.ts";

/** An application or a function, as far as fnmesh knows it. */
export interface Entity {
  readonly id: string;
  readonly name: string;
  readonly ours: boolean;
  readonly image: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** SHA-256 of the key of those who may call; empty: the API lets in whom it lets in. */
  readonly callerHash: string;
  /** Where it is invoked, if the API tells. */
  readonly endpoint: string | undefined;
}

export interface Dialect {
  readonly apps: string;
  readonly fns: string;
  appQuery(settings: OracleSettings): Query;
  appBody(settings: OracleSettings): object;
  fnQuery(appId: string): Query;
  fnBody(settings: OracleSettings, appId: string): object;
  /** What a list has in it. */
  items(answer: unknown): readonly Entity[];
  /** Relative to the function's endpoint, or else to the API. */
  invokePath(fn: Entity): string;
}

type Query = Readonly<Record<string, string>>;

/** The one function of the application. */
export const functionName = "worker";
/** Marks what is ours: an annotation there, a tag here. */
const ownMark = "fnmesh";
const seconds = (ms: number) => Math.ceil(ms / 1000);

interface FnEntity {
  readonly id: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly image?: string;
  readonly memory?: number;
  readonly timeout?: number;
  readonly config?: Readonly<Record<string, string>> | null;
}

const endpointAnnotation = "fnproject.io/fn/invokeEndpoint";

export const fnDialect: Dialect = {
  apps: "/v2/apps",
  fns: "/v2/fns",
  appQuery: ({ name }) => ({ name }),
  appBody: ({ name, stage }) => ({ name, annotations: { [ownMark]: stage } }),
  fnQuery: (appId) => ({ app_id: appId, name: functionName }),
  fnBody: ({ stage, image, memoryMb, timeoutMs, callerHash = "" }, appId) => ({
    ...{ name: functionName, app_id: appId, annotations: { [ownMark]: stage } },
    ...{ image, memory: memoryMb, timeout: seconds(timeoutMs) },
    // The container's environment. What is not named stays as it was; what is empty goes.
    config: { [callerHashVariable]: callerHash },
  }),
  items: (answer) =>
    ((answer as { readonly items?: readonly FnEntity[] | null }).items ?? []).map(
      ({ id, name, annotations = {}, image = "", memory = 0, timeout = 0, config }) => ({
        ...{ id, name, image, ours: annotations[ownMark] !== undefined, memoryMb: memory, timeoutS: timeout },
        callerHash: config?.[callerHashVariable] ?? "",
        endpoint: textOf(annotations[endpointAnnotation]),
      }),
    ),
  invokePath: ({ id, endpoint }) => endpoint ?? `/invoke/${id}`,
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

interface OciEntity {
  readonly id: string;
  readonly displayName: string;
  readonly lifecycleState?: string;
  readonly freeformTags?: Readonly<Record<string, string>>;
  readonly image?: string;
  readonly memoryInMBs?: number;
  readonly timeoutInSeconds?: number;
  readonly invokeEndpoint?: string;
}

const ociVersion = "/20181201";

export const ociDialect: Dialect = {
  apps: `${ociVersion}/applications`,
  fns: `${ociVersion}/functions`,
  appQuery: ({ name, place }) => ({ compartmentId: place!.compartmentId, displayName: name }),
  appBody: ({ name, stage, place }) => ({ ...place, displayName: name, freeformTags: { [ownMark]: stage } }),
  fnQuery: (appId) => ({ applicationId: appId, displayName: functionName }),
  fnBody: ({ stage, image, memoryMb, timeoutMs }, appId) => ({
    ...{ displayName: functionName, applicationId: appId, freeformTags: { [ownMark]: stage } },
    ...{ image, memoryInMBs: memoryMb, timeoutInSeconds: seconds(timeoutMs) },
  }),
  items: (answer) =>
    (answer as readonly OciEntity[])
      // What has been deleted is listed for a while.
      .filter(({ lifecycleState = "ACTIVE" }) => !lifecycleState.startsWith("DELET"))
      .map(({ id, displayName, freeformTags = {}, image = "", memoryInMBs = 0, ...rest }) => ({
        ...{ id, name: displayName, image, ours: freeformTags[ownMark] !== undefined, memoryMb: memoryInMBs },
        ...{ timeoutS: rest.timeoutInSeconds ?? 0, endpoint: rest.invokeEndpoint, callerHash: "" },
      })),
  invokePath: ({ id, endpoint = "" }) => `${endpoint}${ociVersion}/functions/${id}/actions/invoke`,
};
