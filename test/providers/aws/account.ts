// What an account on AWS has, for tests: what stands there between two requests.

import { unzipSync } from "fflate";
import type { Tags } from "./wire.ts";

export const accountId = "123456789012";

/** How slowly AWS is about its work, counted in requests that come too early. */
export interface Delays {
  /** Looks at a new role before it shows. */
  readonly roleShows: number;
  /** Attempts to use a new role before Lambda believes in it. */
  readonly roleAssumable: number;
  /** Looks at a function that is being made or changed before that is done. */
  readonly functionReady: number;
}

export const usualDelays: Delays = { roleShows: 1, roleAssumable: 1, functionReady: 2 };

export interface FakeRole {
  readonly name: string;
  readonly arn: string;
  trust: string;
  description: string | undefined;
  tags: Tags;
  readonly policies: Map<string, string>;
  readonly hidden: { reads: number };
  readonly unbelieved: { reads: number };
}

export interface FakeFunction {
  readonly name: string;
  readonly arn: string;
  /** The configuration as AWS tells it, without code, state and tags. */
  configuration: Record<string, unknown>;
  zip: Uint8Array;
  tags: Tags;
  changing: { readonly kind: "made" | "changed"; reads: number };
  /** Why it cannot be used. */
  failed: string | undefined;
  eventConfig: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number } | undefined;
}

export interface FakeLogEvent {
  readonly stream: string;
  readonly timestamp: number;
  readonly message: string;
}

export interface FakeLogGroup {
  readonly name: string;
  readonly arn: string;
  retentionDays: number | undefined;
  tags: Tags;
  readonly events: FakeLogEvent[];
}

export interface FakeAccount {
  readonly region: string;
  readonly delays: Delays;
  concurrency: number;
  readonly roles: Map<string, FakeRole>;
  readonly functions: Map<string, FakeFunction>;
  readonly logGroups: Map<string, FakeLogGroup>;
}

export const newAccount = (region: string, delays: Delays = usualDelays): FakeAccount => ({
  region,
  delays,
  concurrency: 1_000,
  roles: new Map(),
  functions: new Map(),
  logGroups: new Map(),
});

/** All that is there, in words. */
export const inventoryOf = ({ roles, functions, logGroups }: FakeAccount): readonly string[] => [
  ...[...logGroups.keys()].map((name) => `log group ${name}`),
  ...[...roles.values()].flatMap(({ name, policies }) => [
    `role ${name}`,
    ...[...policies.keys()].map((policy) => `policy ${name}/${policy}`),
  ]),
  ...[...functions.values()].flatMap(({ name, eventConfig }) => [
    `function ${name}`,
    ...(eventConfig === undefined ? [] : [`invocation settings ${name}`]),
  ]),
];

/** The files of a function's code. */
export const codeOf = ({ zip }: FakeFunction): Readonly<Record<string, Uint8Array>> => unzipSync(zip);
